# A rule is switched off while its alert fires: the alert ends with the figures that it told last. Switched on again,
# the rule reads what is counted and waits as long as ever before it speaks.
set first_touch_slo.min_n = 1
2026-03-02 09:00 lead_stage_entered lead_id=a stage=mql
2026-03-02 09:00 lead_stage_entered lead_id=b stage=mql
2026-03-02 09:00 lead_stage_entered lead_id=c stage=mql
2026-03-02 09:00 lead_stage_entered lead_id=d stage=mql
2026-03-02 09:00 lead_stage_entered lead_id=e stage=mql
2026-03-02 09:00 lead_stage_entered lead_id=f stage=mql
2026-03-02 09:20 lead_touched lead_id=f team=sales
read 2026-03-02 13:20
alerts
  2026-03-02 13:15 firing page first_touch_slo all
summaries
  5 of 6 MQLs got no human touch by sales within 4 business hours: 16.7 % kept, 95.0 % promised.
define first_touch_slo = off
read 2026-03-02 13:20
alerts
read 2026-03-02 13:30
alerts
  2026-03-02 13:21 resolved page first_touch_slo all
summaries
  Resolved: the rule first_touch_slo was switched off.
# The promise is off with its rule: nothing is met or missed. How long a touch took is counted all the same.
expect 2026-03-02 13:30 all first_touch_
  first_touch_delay_total 2026-03-02 00:00 /179 1
define first_touch_slo = on
read 2026-03-02 13:44
alerts
read 2026-03-02 13:45
alerts
  2026-03-02 13:45 firing page first_touch_slo all
