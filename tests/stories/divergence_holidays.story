# Twenty MQLs come on every day of the week, and ten of them become SQLs a week later. Then all are on holiday for a
# fortnight: as many come as ever, and those that wait over it go on a fortnight later. Nothing is wrong with them: sales
# had as many working days for each as it always has, and what came while nobody worked is no volume of a working day.
set source = crm
set first_touch_slo = off
set divergence.horizon_days = 10
set holidays = 2026-03-09 2026-03-10 2026-03-11 2026-03-12 2026-03-13 2026-03-16 2026-03-17 2026-03-18 2026-03-19 2026-03-20
daily 2025-12-01 2026-04-20 x20 09:00 lead_created lead_id={} source=webinar
daily 2025-12-01 2026-04-20 x20 09:00 lead_stage_entered lead_id={} stage=mql
daily 2025-12-08 2026-03-09 x10 15:00 lead_stage_entered lead_id={-7} stage=sql
daily 2026-03-23 2026-04-06 x10 15:00 lead_stage_entered lead_id={-21} stage=sql
daily 2026-03-23 2026-04-20 x10 15:00 lead_stage_entered lead_id={-7} stage=sql
read 2026-03-06 10:00
stands divergence kept=2
alerts
read 2026-03-23 10:00
stands divergence kept=2
alerts
read 2026-04-17 10:00
stands divergence kept=2
alerts
