"""The outlooks of a run in the reader's words."""

from __future__ import annotations

from birge.texts import Translator

__all__ = ["outlook_words"]


def outlook_words(t: Translator) -> dict[str, str]:
    """Return what each named outlook says, by its name."""
    return {
        "central": t("as assumed here"),
        "damped": t("growth fades sooner"),
        "growth-since-2013": t("growth as since 2013"),
        "growth-since-2021": t("growth as since 2021"),
        "growth-of-all-years": t("growth as over all years"),
        "with-gdp": t("growth follows both economies"),
        "shifts-stay": t("shifts of the last years stay"),
        "without-newest-unverified": t("without the newest unverified figure"),
        "newest-as-announced": t("newest figure as announced"),
    }
