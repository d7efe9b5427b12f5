# What is said of one moment is taken in the order of a funnel, whatever came first: a deal that goes back to
# negotiation and is closed in one transaction of the CRM is closed.
2026-03-02 09:00 lead_created lead_id=L
2026-03-02 10:00 lead_stage_entered lead_id=L stage=sql
2026-03-02 10:00 lead_stage_entered lead_id=L stage=mql
2026-03-02 10:00 lead_stage_entered lead_id=L stage=sal
2026-03-02 11:00 deal_stage_entered deal_id=D1 stage=lost status=lost
2026-03-02 11:00 deal_stage_entered deal_id=D1 stage=negotiation status=open
2026-03-02 11:00 deal_stage_entered deal_id=D2 stage=negotiation status=open
2026-03-02 11:00 deal_stage_entered deal_id=D2 stage=lost status=lost
2026-03-02 11:00 deal_stage_entered deal_id=D3 stage=lost status=lost
2026-03-02 11:00 deal_stage_entered deal_id=D3 stage=another status=open
2026-03-02 11:00 deal_stage_entered deal_id=D4 stage=proposal status=open
2026-03-02 11:00 deal_stage_entered deal_id=D4 stage=closed status=won amount_minor=500000 currency=EUR
2026-03-02 11:00 deal_stage_entered deal_id=D5 stage=closed status=won amount_minor=700000 currency=EUR
2026-03-02 11:00 deal_stage_entered deal_id=D5 stage=proposal status=open
expect 2026-03-02 12:00 all deals_ won_ open_
  open_sql 2026-03-02 10:00 1
  deals_opened 2026-03-02 11:00 5
  deals_won 2026-03-02 11:00 2
  deals_lost 2026-03-02 11:00 3
  won_amount_minor[EUR] 2026-03-02 11:00 1200000
