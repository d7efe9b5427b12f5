# A stage is reached by entering it or a later one; who skips a step is still counted in it, as implied.
2026-03-02 09:00 lead_created lead_id=L1 source=webinar
2026-03-02 09:05 lead_stage_entered lead_id=L1 stage=mql
2026-03-02 09:05 lead_stage_entered lead_id=L1 stage=mql
2026-03-04 10:00 lead_stage_entered lead_id=L1 stage=sql
expect 2026-03-04 10:01 all entered_ implied_ converted_ open_
  entered_lead 2026-03-02 09:00 1
  entered_mql 2026-03-02 09:05 1
  entered_sal 2026-03-04 10:00 1
  entered_sql 2026-03-04 10:00 1
  implied_sal 2026-03-04 10:00 1
  converted_lead_to_mql 2026-03-02 09:00 1
  converted_mql_to_sal 2026-03-02 09:05 /2 1
  converted_mql_to_sql 2026-03-02 09:05 /2 1
  converted_sal_to_sql 2026-03-04 10:00 1
  open_sql 2026-03-04 10:00 1

# A deal that names the lead makes it an opportunity; a won deal makes it a customer.
2026-03-05 12:00 deal_opened deal_id=D1 lead_id=L1 amount_minor=120000 currency=EUR
2026-03-20 12:00 deal_stage_entered deal_id=D1 lead_id=L1 stage=signed status=won
expect 2026-03-20 12:01 source=webinar entered_opp entered_cust open_ deals_ won_ converted_mql_to_won
  entered_opportunity 2026-03-05 12:00 1
  entered_customer 2026-03-20 12:00 1
  converted_mql_to_won 2026-03-02 09:05 /18 1
  deals_opened 2026-03-05 12:00 1
  deals_won 2026-03-20 12:00 1
  won_amount_minor[EUR] 2026-03-20 12:00 120000

# A late fact mends what it touches: the lead had been accepted the day after all.
2026-03-03 08:00 lead_stage_entered lead_id=L1 stage=sal
expect 2026-03-20 12:02 all entered_sal implied_ converted_mql_to_sal converted_sal
  entered_sal 2026-03-03 08:00 1
  converted_mql_to_sal 2026-03-02 09:05 1
  converted_sal_to_sql 2026-03-03 08:00 /1 1
outcomes applied=7
