"""The uptime figure of a component, and how it is counted."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field

from bot.domain.components import Impact
from bot.domain.spans import ComponentDay


class UptimeConfig(BaseModel):
    """The uptime figure on the status page. Each impact costs a share of every minute; maintenance costs none."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    show: bool = False
    major: float = Field(default=1.0, ge=0, le=1)
    partial: float = Field(default=0.3, ge=0, le=1)
    degraded: float = Field(default=0.0, ge=0, le=1)

    @property
    def weights(self) -> Mapping[Impact, float]:
        """How much of a minute each impact costs."""
        return {Impact.MAJOR: self.major, Impact.PARTIAL: self.partial, Impact.DEGRADED: self.degraded}


def uptime(days: Sequence[ComponentDay], weights: Mapping[Impact, float]) -> float | None:
    """The share of the time, from 0 to 1, that was not lost to impact; None for no time at all."""
    whole = sum((each.length for each in days), timedelta())
    lost = sum((felt * weights.get(impact, 0) for each in days for impact, felt in each.impacts.items()), timedelta())
    return 1 - lost / whole if whole else None
