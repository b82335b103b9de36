"""The lint: what must not be published, and what should be better, found before publication."""

from bot.domain.lint.findings import NEVER, Finding, Subject, Weight
from bot.domain.lint.rules import RULES, Rule, lint
from bot.domain.lint.secrets import Secret, find_secrets, mask_secrets

__all__ = ["NEVER", "RULES", "Finding", "Rule", "Secret", "Subject", "Weight", "find_secrets", "lint", "mask_secrets"]
