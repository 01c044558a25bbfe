"""A small Chinese bank as its core system would export it: own words, codes, days, signs and ids, in GB18030.

Written from the documents alone and by nothing of `segment.banks`: a ledger that the software did not make itself.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable, Sequence
from pathlib import Path
from random import Random

BRANCHES = {"0101": "城东支行", "0102": "城西支行", "0205": "开发区支行"}
PRODUCTS = {"活期": "current", "定期一年": "term_deposit", "理财": "wealth", "房贷": "mortgage"}
KINDS = {
    "代发工资": "salary", "养老金": "pension", "转入": "transfer_in", "转出": "transfer_out",
    "本人转入": "own_transfer_in", "本人转出": "own_transfer_out", "消费": "card_payment",
    "取现": "cash_withdrawal", "存现": "cash_deposit", "贷款还款": "loan_payment", "年费": "fee",
}  # fmt: skip
CHANNELS = {"柜面": "counter", "自助": "atm", "POS": "pos", "手机银行": "mobile", "批量": "automatic"}
ROLES = {"本人": "owner", "共有": "co_owner"}
RULES = {"拒绝营销": "opt_out", "投诉处理中": "complaint"}
COLUMNS = {
    "branches": {"机构号": "branch_id", "机构名称": "name"},
    "customers": {
        "客户号": "customer_id", "开户机构": "branch_id", "建档日期": "joined_on", "销户日期": "left_on",
        "出生日期": "birth_date", "性别": "sex", "家庭号": "household_id", "本行员工": "is_staff",
    },
    "accounts": {
        "账号": "account_id", "产品": "product", "开户机构": "branch_id", "开户日": "opened_on", "销户日": "closed_on",
    },
    "holdings": {"账号": "account_id", "客户号": "customer_id", "关系": "role", "份额": "share"},
    "transactions": {
        "流水号": "transaction_id", "账号": "account_id", "记账日期": "booked_on", "发生额": "amount", "摘要": "kind",
        "渠道": "channel", "对方行号": "counterparty_bank",
    },
    "balances": {
        "账号": "account_id", "月份": "month", "日均余额": "average_balance", "月末余额": "closing_balance",
        "年利率": "interest_rate_annual", "逾期天数": "days_past_due",
    },
    "contact_rules": {"客户号": "customer_id", "限制": "rule", "起": "starts_on", "止": "ends_on", "方式": "channel"},
    "suppression_sources": {"来源": "source", "更新日": "refreshed_on"},
}  # fmt: skip
"""By table, the bank's columns and what the contract calls them."""

Row = list[object]


def write_outlet_bank(
    folder: Path, customers: int = 600, months: int = 30, seed: int = 5, encoding: str = "gb18030"
) -> None:
    """Write the required tables and two that protect, up to December 2025."""
    bank = _Bank(Random(seed), [_month(back) for back in reversed(range(months))])
    for number in range(customers):
        bank.open_customer(number)
    folder.mkdir(parents=True, exist_ok=True)
    for table, rows in bank.tables.items():
        with (folder / f"{table}.csv").open("w", encoding=encoding, newline="") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS[table])
            writer.writerows(rows)


def mapping(columns: Iterable[str] = COLUMNS) -> str:
    """The policy's `[mapping]` that a reader of the documents would write."""
    codes = {"product": PRODUCTS, "kind": KINDS, "channel": CHANNELS, "role": ROLES, "rule": RULES}
    return "\n".join([
        "[mapping]", 'day_format = "%Y%m%d"', 'thousands = ","',
        *(line for table in columns for line in (f"[mapping.columns.{table}]", *_pairs(COLUMNS[table]))),
        *(line for name, words in codes.items() for line in (f"[mapping.codes.{name}]", *_pairs(words))),
    ])  # fmt: skip


def _pairs(words: dict[str, str]) -> list[str]:
    return [f'"{own}" = "{name}"' for own, name in words.items()]


def _month(back: int) -> dt.date:
    total = 2025 * 12 + 11 - back
    return dt.date(total // 12, total % 12 + 1, 1)


def _day(day: dt.date) -> str:
    return f"{day:%Y%m%d}"


def _money(amount: float) -> str:
    return f"{amount:,.2f}"


class _Bank:
    """What the core system holds."""

    def __init__(self, dice: Random, months: Sequence[dt.date]) -> None:
        """Open the branches."""
        self.dice, self.months = dice, months
        self.tables: dict[str, list[Row]] = {table: [] for table in COLUMNS}
        self.tables["branches"] = [[code, name] for code, name in BRANCHES.items()]
        self.tables["suppression_sources"] = [["拒绝营销名单", "20251231"], ["投诉名单", "20251231"]]
        self.booked = 0

    def open_customer(self, number: int) -> None:
        """Open a customer of one of four kinds, with accounts and every month of them."""
        dice = self.dice
        customer, branch = f"81{number:08d}", dice.choice(list(BRANCHES))
        kind = dice.choices(["salaried", "saver", "pensioner", "elsewhere"], [4, 2, 2, 4])[0]
        born = dt.date(dice.randint(1940, 1962) if kind == "pensioner" else dice.randint(1963, 2003), 5, 17)
        joined = dt.date(dice.randint(2008, 2022), dice.randint(1, 12), dice.randint(1, 28))
        self.tables["customers"].append([
            customer, branch, _day(joined), "", _day(born), dice.choice("男女"), f"H{number // 2:06d}",
            "是" if number % 97 == 0 else "否",
        ])  # fmt: skip
        if number % 31 == 0:
            self.tables["contact_rules"].append([customer, dice.choice(list(RULES)), "20250301", "", ""])
        self._live(customer, branch, joined, kind)

    def _live(self, customer: str, branch: str, joined: dt.date, kind: str) -> None:
        dice = self.dice
        pay = {"salaried": 9000, "saver": 7000, "pensioner": 3800, "elsewhere": 11000}[kind] * dice.uniform(0.5, 2.2)
        sight = self._account(customer, branch, "活期", joined)
        term = self._account(customer, branch, "定期一年", joined) if kind == "saver" or dice.random() < 0.2 else None
        fund = self._account(customer, branch, "理财", joined) if kind != "elsewhere" and dice.random() < 0.2 else None
        loan = self._account(customer, branch, "房贷", joined) if kind == "salaried" and dice.random() < 0.3 else None
        stock, owed = pay * dice.uniform(3, 60), pay * dice.uniform(40, 100)
        visits = dice.choice([0, 0, 1, 4]) if kind != "pensioner" else dice.choice([1, 3, 6])
        for month in self.months:
            mean = pay * dice.uniform(0.05, 0.4) if kind == "elsewhere" else pay * dice.uniform(0.6, 2.5)
            self._balance(sight, month, mean, "")
            if term:
                self._balance(term, month, stock, "0.0135")
            if fund:
                self._balance(fund, month, stock * 0.7, "")
            if loan:
                owed *= 0.995
                self._balance(loan, month, -owed, "0.0345", "0")
                self._book(sight, month, -owed * 0.006, "贷款还款", "批量")
            self._month_of(sight, month, kind, pay, visits)

    def _month_of(self, sight: str, month: dt.date, kind: str, pay: float, visits: int) -> None:
        dice = self.dice
        if kind in ("salaried", "saver"):
            self._book(sight, month, pay, "代发工资", "批量")
        elif kind == "pensioner":
            self._book(sight, month, pay, "养老金", "批量")
        else:
            self._book(sight, month, pay * 0.1, "本人转入", "手机银行", "104100000004")
            self._book(sight, month, -pay * 0.08, "本人转出", "手机银行", "104100000004")
        for _ in range(1 if kind == "elsewhere" else dice.randint(2, 6)):
            self._book(sight, month, -pay * dice.uniform(0.01, 0.06), "消费", "POS")
        for _ in range(visits):
            self._book(sight, month, -pay * 0.05, "取现", "柜面")
        if month.month == 1:
            self._book(sight, month, -10.0, "年费", "批量")

    def _account(self, customer: str, branch: str, product: str, opened: dt.date) -> str:
        account = f"6217{len(self.tables['accounts']):015d}"
        self.tables["accounts"].append([account, product, branch, _day(opened), ""])
        self.tables["holdings"].append([account, customer, "本人", "1"])
        return account

    def _balance(self, account: str, month: dt.date, mean: float, rate: str, overdue: str = "") -> None:
        closing = mean * self.dice.uniform(0.9, 1.1)
        self.tables["balances"].append([account, _day(month), _money(mean), _money(closing), rate, overdue])

    def _book(self, account: str, month: dt.date, amount: float, kind: str, channel: str, other: str = "") -> None:
        self.booked += 1
        day = month.replace(day=self.dice.randint(1, 28))
        self.tables["transactions"].append(
            [f"{_day(day)}{self.booked:010d}", account, _day(day), _money(amount), kind, channel, other]
        )
