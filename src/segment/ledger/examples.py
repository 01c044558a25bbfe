"""A few rows of each table, as a bank would write them: what `segment init` lays beside a new project."""

from __future__ import annotations

from typing import Final

EXAMPLES: Final[dict[str, str]] = {
    "branches": "branch_id,name,kind,region\nB001,Market Square,town,north\n",
    "customers": (
        "customer_id,branch_id,joined_on,left_on,birth_date,sex,region,household_id,life_stage,occupation,is_staff\n"
        "C0001,B001,2015-04-01,,1980-02-29,f,north,H01,family,teacher,false\n"
        "C0002,B001,2023-09-15,,1999-11-03,m,north,,young,,false\n"
    ),
    "accounts": (
        "account_id,product,branch_id,opened_on,closed_on\n"
        "A0001,current,B001,2015-04-01,\nA0002,mortgage,B001,2018-06-01,\nA0003,current,B001,2023-09-15,\n"
    ),
    "holdings": (
        "account_id,customer_id,role,share\n"
        "A0001,C0001,owner,1.0\nA0002,C0001,owner,1.0\nA0003,C0002,owner,1.0\nA0003,C0001,authorised,0.0\n"
    ),
    "transactions": (
        "transaction_id,account_id,booked_on,amount,kind,channel,counterparty_bank\n"
        "T1,A0001,2025-12-01,3200.00,salary,automatic,\n"
        "T2,A0001,2025-12-03,-900.00,own_transfer_out,online,OTHERBANK\n"
        "T3,A0001,2025-12-15,-650.00,direct_debit,automatic,\n"
        "T4,A0002,2025-12-15,650.00,loan_payment,automatic,\n"
        "T5,A0003,2025-12-20,-40.00,card_payment,pos,\n"
    ),
    "balances": (
        "account_id,month,average_balance,closing_balance,interest_rate_annual,days_past_due\n"
        "A0001,2025-12-01,2100.00,1650.00,,\n"
        "A0002,2025-12-01,-182000.00,-181700.00,0.0335,0\n"
        "A0003,2025-12-01,310.00,280.00,,\n"
    ),
    "service_events": (
        "event_id,customer_id,occurred_on,channel,minutes,occurred_at\nE1,C0001,2025-12-10,adviser,40,10:30\n"
    ),
    "main_bank_labels": (
        "customer_id,observed_on,main_bank_here,wallet_elsewhere_12m,source\nC0002,2025-11-30,false,,survey\n"
    ),
    "contact_rules": "customer_id,rule,starts_on,ends_on,channel\nC0002,opt_out,2025-06-01,,phone\n",
    "campaign_outcomes": (
        "list_id,customer_id,contacted_on,response,responded_on\n2025-11-05-0a1b2c3d4e,C0001,2025-11-10,interested,2025-11-12\n"
    ),
    "ledger_totals": "line,branch_id,month,amount\nfees,B001,2025-12-01,12.50\n",
    "relationship_managers": (
        "rm_id,branch_id,weekly_contacts,portfolio_limit,name,hours_week,skills\n"
        "R1,B001,25,300,A. Jones,38,deposits;loans\n"
    ),
    "tariff_items": (
        "item_code,price,public_since,legal_basis,name\ndebit_card_year,10.00,2024-07-01,price list,Debit card\n"
    ),
    "suppression_sources": "source,refreshed_on\nopt_outs,2025-12-30\n",
}
"""CSV by table: a whole small ledger, which `segment check` finds no fault in."""
