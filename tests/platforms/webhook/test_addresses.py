"""Which addresses belong to everybody."""

import pytest

from bot.platforms.webhook.addresses import PrivateAddressError, check_literal, is_public


@pytest.mark.parametrize(
    "address", ["93.184.215.14", "2606:2800:21f:cb07::1", "::ffff:93.184.215.14", "64:ff9b::5db8:d70e"]
)
def test_public_addresses_are(address: str):
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "::1", "::", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
        "64:ff9b::a00:1", "2002:a00:1::", "2001:0:a00:1::1", "2001:db8::1",
    ],
)  # fmt: skip
def test_private_reserved_and_disguised_ones_are_not(address: str):
    assert not is_public(address)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "\uff11\uff12\uff17.0.0.1",
        "\u2460\u2461\u2466.0.0.1",
        "127\u30020\u30020\u30021",
        "\u0661\u0662\u0667.\u0660.\u0660.\u0661",
        "127.1",
        "2130706433",
        "0x7f.1",
        "::1",
    ],
)
def test_a_private_address_is_recognized_however_it_is_written(host: str):
    with pytest.raises(PrivateAddressError):
        check_literal(host)


@pytest.mark.parametrize(
    "host", ["hooks.example.com", "93.184.215.14", "9\uff13.184.215.14", "1password.example", "ü.example"]
)
def test_names_and_public_addresses_are_left_to_the_resolver(host: str):
    check_literal(host)
