"""Who may be drawn, and as which tier those who were drawn are served."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from segment.policy.trial import ORDER, Trial
from segment.service.service_trial import AS_IS, ENROLLED, largest_drawn, may_be_drawn, with_served
from segment.upgrade.control import draw_control
from tests.service.people import AS_OF, homes, published

NOBODY = pl.DataFrame(schema={"customer_id": pl.String})
NO_HOME = pl.DataFrame(schema={"household": pl.String})
UNTIL = dt.date(2026, 6, 30)


def trial(**changes: Any) -> Trial:
    given = {"name": "t", "owner": "Ann", "up": ["valuable", "break_even"], "down": ["high_value"]}
    return Trial.model_validate({**given, "starts_on": AS_OF, "ends_on": dt.date(2027, 12, 31), **changes})


def placed(tiers: pl.DataFrame, **together: str) -> pl.DataFrame:
    return tiers.join(homes(tiers, **together), on="customer_id", maintain_order="left")


def enrolled(tiers: pl.DataFrame, **arms: str) -> pl.DataFrame:
    rows = tiers.filter(pl.col("customer_id").is_in(list(arms))).select(
        "customer_id", "household", "branch_id", "tier", arm=pl.col("customer_id").replace_strict(arms)
    )
    fixed = {"trial": "t", "way": "up", "stratum": "s", "share": 0.02, "enrolled_on": AS_OF, "until": UNTIL}
    filled = rows.with_columns(**{name: pl.lit(value) for name, value in fixed.items()}, drawn=True, cost_12m=0.0)
    return filled.select(list(ENROLLED))


def served(tiers: pl.DataFrame, arms: pl.DataFrame, outside: pl.DataFrame = NOBODY, spared: pl.DataFrame = NO_HOME):
    made = with_served(tiers, arms, outside, spared, trial())
    return dict(made.select("customer_id", "served_as").iter_rows())


def test_who_may_be_drawn_by_hand() -> None:
    tiers = published(
        a="high_value",
        b="valuable",
        c="break_even",
        d="loss_making",
        e={"tier": "valuable", "standing": "new"},
        f={"tier": "valuable", "standing": "dormant"},
        g="valuable",
        h="high_value",
    )
    made = may_be_drawn(
        placed(tiers, c="b", d="b"),
        pl.DataFrame({"customer_id": ["g"]}),
        pl.DataFrame({"household": ["h", "b"]}),
        trial(),
    )
    assert made.select("customer_id", "household", "way", "stratum").rows() == [
        ("a", "a", "down", "b1|high_value"),
        ("b", "b", "up", "b1|valuable"),
        ("c", "b", "up", "b1|valuable"),
    ]


def test_a_household_goes_one_way_and_up_where_it_may_not_go_down() -> None:
    tiers = placed(published(a="high_value", b="valuable"), b="a")
    assert may_be_drawn(tiers, NOBODY, NO_HOME, trial()).select("customer_id", "way").rows() == [("a", "down")]
    protected = pl.DataFrame({"household": ["a"]})
    assert may_be_drawn(tiers, NOBODY, protected, trial()).select("customer_id", "way").rows() == [("b", "up")]


def test_service_follows_the_tier_that_the_customer_has_now() -> None:
    tiers = placed(published(a="valuable", b="high_value", c="loss_making", d="valuable", e="high_value"))
    arms = enrolled(tiers, a="up", b="up", c="up", d="down", e="down")
    expected = {"a": "high_value", "b": "high_value", "c": "loss_making", "d": "valuable", "e": "valuable"}
    assert served(tiers, arms) == expected


def test_control_is_served_as_its_tier_says_and_so_is_everybody_after_the_last_month() -> None:
    tiers = placed(published(a="valuable", b="valuable", c="valuable", d="valuable"))
    arms = enrolled(tiers, a=AS_IS, b="up", c="up", d="up")
    days = {"c": (AS_OF, AS_OF), "d": (AS_OF + dt.timedelta(days=1), UNTIL)}
    when = pl.struct("enrolled_on", "until")
    for name, (first, last) in days.items():
        own = pl.col("customer_id") == name
        arms = arms.with_columns(
            enrolled_on=pl.when(own).then(pl.lit(first)).otherwise(when.struct["enrolled_on"]),
            until=pl.when(own).then(pl.lit(last)).otherwise(when.struct["until"]),
        )
    assert served(tiers, arms) == {"a": "valuable", "b": "high_value", "c": "valuable", "d": "valuable"}


def test_who_objects_or_needs_protection_meanwhile_is_served_no_less_from_then_on() -> None:
    tiers = placed(published(a="high_value", b="valuable", c="high_value", d="valuable"))
    arms = enrolled(tiers, a="down", b="up", c="down", d="up")
    objected, needs = pl.DataFrame({"customer_id": ["b", "c"]}), pl.DataFrame({"household": ["a", "d"]})
    assert served(tiers, arms, objected, needs) == {
        "a": "high_value",
        "b": "valuable",
        "c": "high_value",
        "d": "high_value",
    }


def test_the_tier_itself_stays_and_only_who_is_served_otherwise_has_an_until() -> None:
    tiers = placed(published(a="valuable", b="valuable"))
    made = with_served(tiers, enrolled(tiers, a="up"), NOBODY, NO_HOME, trial())
    assert made.drop("served_as", "until").equals(tiers)
    assert made["until"].to_list() == [UNTIL, None]


tier = st.sampled_from(ORDER)
people = st.lists(
    st.tuples(tier, st.integers(0, 6), st.sampled_from(["b1", "b2"]), st.sampled_from(["active", "new", "excluded"])),
    min_size=1,
    max_size=25,
)
some = st.sets(st.integers(0, 24))


@st.composite
def trials(draw: st.DrawFn) -> Trial:
    """Any trial that the policy lets pass."""
    floor = draw(st.sampled_from(ORDER[1:]))
    lowest = ORDER.index(floor)
    ways = {tier: draw(st.sampled_from(["up", "down", None])) for tier in ORDER}
    up = [tier for tier in ORDER[1:] if ways[tier] == "up"]
    down = [tier for tier in ORDER[:lowest] if ways[tier] == "down"]
    return trial(up=up or ([] if down else ["valuable"]), down=down, floor=floor, reviewed_by="Ann")


def crowd(given: list[tuple[str, int, str, str]]) -> pl.DataFrame:
    rows = {
        f"c{n:02}": {"tier": tier, "branch_id": branch, "standing": standing}
        for n, (tier, _, branch, standing) in enumerate(given)
    }
    made = published(**rows)
    return made.with_columns(household=pl.Series([f"h{home}" for _, home, *_ in given]))


@given(people, trials(), some, st.sets(st.integers(0, 6)), st.randoms())
def test_whatever_is_drawn_nobody_is_below_the_floor_or_protected_and_less_well_served(
    given_people: list[Any], rules: Trial, out: set[int], homes_spared: set[int], chance: Any
) -> None:
    tiers = crowd(given_people)
    outside = pl.DataFrame({"customer_id": [f"c{n:02}" for n in sorted(out)]}, schema={"customer_id": pl.String})
    spared = pl.DataFrame({"household": [f"h{n}" for n in sorted(homes_spared)]}, schema={"household": pl.String})
    asked = may_be_drawn(tiers, outside, NO_HOME, rules)
    # drawn before anyone was spared, each household by chance into any arm
    arms = {
        home: chance.choice([way, AS_IS])
        for home, way in asked.select("household", "way").unique().sort("household").iter_rows()
    }
    fixed = {"trial": "t", "share": 0.02, "enrolled_on": AS_OF, "until": UNTIL, "drawn": True, "cost_12m": 0.0}
    drawn = asked.with_columns(
        arm=pl.col("household").replace_strict(arms, return_dtype=pl.String),
        **{name: pl.lit(value) for name, value in fixed.items()},
    )
    made = with_served(tiers, drawn.select(list(ENROLLED)), outside, spared, rules)
    place = {tier: n for n, tier in enumerate(ORDER)}
    for row in made.to_dicts():
        own, has = place[row["tier"]], place[row["served_as"]]
        assert abs(has - own) <= 1
        if has > own:
            assert has <= place[rules.floor]
            assert row["household"] not in set(spared["household"])
        if has != own:
            assert row["customer_id"] not in set(outside["customer_id"])
            assert row["standing"] == "active"
            assert arms[row["household"]] == ("down" if has > own else "up")


@given(people, trials(), some, st.sets(st.integers(0, 6)), st.integers(0, 99))
def test_a_household_goes_one_way_in_one_stratum_whatever_the_order_of_the_rows(
    given_people: list[Any], rules: Trial, out: set[int], homes_spared: set[int], seed: int
) -> None:
    tiers = crowd(given_people)
    outside = pl.DataFrame({"customer_id": [f"c{n:02}" for n in sorted(out)]}, schema={"customer_id": pl.String})
    spared = pl.DataFrame({"household": [f"h{n}" for n in sorted(homes_spared)]}, schema={"household": pl.String})
    asked = may_be_drawn(tiers, outside, spared, rules)
    assert (
        asked.group_by("household")
        .agg(pl.col("way", "stratum").n_unique())
        .filter((pl.col("way") > 1) | (pl.col("stratum") > 1))
        .is_empty()
    )
    assert asked.filter(pl.col("way") == "down").join(spared, on="household", how="semi").is_empty()
    shuffled = tiers.sample(fraction=1.0, shuffle=True, seed=seed)
    assert may_be_drawn(shuffled, outside, spared, rules).equals(asked)


@given(people, st.floats(0.001, 0.05), st.text(max_size=5))
def test_no_draw_takes_more_of_a_branch_than_the_bound(given_people: list[Any], share: float, salt: str) -> None:
    asked = may_be_drawn(crowd(given_people), NOBODY, NO_HOME, trial(up=ORDER[1:], down=[]))
    first = asked.unique("household", keep="first", maintain_order=True)
    drawn = first.filter(draw_control(first.select("household", "stratum"), share, salt, "t"))
    taken = asked.join(drawn, on="household", how="semi").group_by("branch_id", "tier").len()
    both = taken.join(largest_drawn(asked, share), on=["branch_id", "tier"], how="left")
    assert (both["len"] <= both["customers"]).all()


def test_largest_drawn_of_a_case_computed_by_hand() -> None:
    people = {"household": ["h1", "h1", "h2"], "branch_id": ["b"] * 3, "tier": ["valuable"] * 3}
    assert largest_drawn(pl.DataFrame(people).with_columns(stratum=pl.lit("b|valuable")), 0.02)[
        "customers"
    ].to_list() == [2]
