# Windows of 28 days (4 to 31 March) and what is open, seen on Tuesday 31 March. Business time: Monday to Friday,
# nine to five; the promise is four hours.
#
#   MQL cycle             routing  human  total   seconds of business time; the promise is 14,400
#   30 March 09:00            600   1200   1800   met
#   30 March 10:00           1800   9000  10800   met
#   27 March 16:00 (Fri)     1800   5400   7200   met, on Monday
#   26 March 09:00              0  25200  25200   missed; it had been assigned the day before
#   24 March 11:00              -      -   3600   met; never assigned, so only the total is known
#   23 March 09:00              -      -      -   missed
#   31 March 11:00              -      -      -   nothing yet
#   3 March 10:00               -      -   3600   too old
#
# Attainment 4/6, with Wilson's interval. The rank of p50 among n is ceil(n/2), that of p90 ceil(9n/10):
#   total    1800 3600 [7200] 10800 [25200]
#   routing  0 [600] 1800 [1800]
#   human    1200 [5400] 9000 [25200]
# A delay is shown as 2 g^i / (g + 1), where g = 1.02/0.98 and i is the smallest with g^i >= the delay: off by 2 % at
# most. 600: i = 160, 590.311776; 1800: i = 188, 1809.489789; 5400: i = 215, 5329.135104; 7200: i = 223, 7339.21312;
# 25200: i = 254, 25365.678131.
2026-03-30 09:00 lead_stage_entered lead_id=T1 stage=mql
2026-03-30 09:10 lead_assigned lead_id=T1 owner_id=rep-1
2026-03-30 09:30 lead_touched lead_id=T1 team=sales
2026-03-30 10:00 lead_stage_entered lead_id=T2 stage=mql
2026-03-30 10:30 lead_assigned lead_id=T2 owner_id=rep-1
2026-03-30 13:00 lead_touched lead_id=T2 team=sales
2026-03-27 16:00 lead_stage_entered lead_id=T3 stage=mql
2026-03-27 16:30 lead_assigned lead_id=T3 owner_id=rep-1
2026-03-30 10:00 lead_touched lead_id=T3 team=sales
2026-03-25 15:00 lead_assigned lead_id=T4 owner_id=rep-1
2026-03-26 09:00 lead_stage_entered lead_id=T4 stage=mql
2026-03-26 16:00 lead_touched lead_id=T4 team=sales
2026-03-24 11:00 lead_stage_entered lead_id=T5 stage=mql
2026-03-24 12:00 lead_touched lead_id=T5 team=sales
2026-03-03 10:00 lead_stage_entered lead_id=T6 stage=mql
2026-03-03 11:00 lead_touched lead_id=T6 team=sales
2026-03-23 09:00 lead_stage_entered lead_id=T7 stage=mql
2026-03-31 11:00 lead_stage_entered lead_id=T8 stage=mql
windows 2026-03-31 12:00 all entered_mql first_touch_
  entered_mql 1d 1 n=1
  entered_mql 7d 5 n=5
  entered_mql 28d 7 n=7
  first_touch_attainment 28d 0.666667 [0.299993, 0.903229] n=6
  first_touch_total_seconds_p50 28d 7339.21312 n=5
  first_touch_total_seconds_p90 28d 25365.678131 n=5
  first_touch_routing_seconds_p50 28d 590.311776 n=4
  first_touch_routing_seconds_p90 28d 1809.489789 n=4
  first_touch_human_seconds_p50 28d 5329.135104 n=4
  first_touch_human_seconds_p90 28d 25365.678131 n=4

# Seven verdicts: accepted 2, rejected 3, recycled 2; an eighth is too old. Of the five negative ones two give no
# reason; that an accepted one gives none is no matter.
2026-03-04 09:00 lead_dispositioned lead_id=V1 verdict=accepted
2026-03-10 09:00 lead_dispositioned lead_id=V2 verdict=accepted reason=fit
2026-03-11 09:00 lead_dispositioned lead_id=V3 verdict=rejected reason=budget
2026-03-12 09:00 lead_dispositioned lead_id=V4 verdict=rejected reason=budget
2026-03-13 09:00 lead_dispositioned lead_id=V5 verdict=rejected
2026-03-14 09:00 lead_dispositioned lead_id=V6 verdict=recycled reason=timing
2026-03-31 09:00 lead_dispositioned lead_id=V7 verdict=recycled
2026-03-03 09:00 lead_dispositioned lead_id=V8 verdict=rejected
# Deals: D3 was opened before the window and won on its first day, D4 opened and won before.
2026-03-10 09:00 deal_opened deal_id=D1 amount_minor=100000 currency=EUR
2026-03-20 09:00 deal_stage_entered deal_id=D1 stage=signed status=won
2026-03-12 09:00 deal_opened deal_id=D2 amount_minor=77700 currency=EUR
2026-03-15 09:00 deal_stage_entered deal_id=D2 stage=gone status=lost
2026-02-20 09:00 deal_opened deal_id=D3 amount_minor=50050 currency=EUR
2026-03-04 09:00 deal_stage_entered deal_id=D3 stage=signed status=won
2026-03-03 09:00 deal_opened deal_id=D4 amount_minor=70000 currency=USD
2026-03-03 09:00 deal_stage_entered deal_id=D4 stage=signed status=won
windows 2026-03-31 13:00 all accepted_ rejected_ recycled_ disqualified_ reasonless_ deals_ won_
  accepted_share 28d 0.285714 [0.082219, 0.641066] n=7
  rejected_share 28d 0.428571 [0.15822, 0.749542] n=7
  recycled_share 28d 0.285714 [0.082219, 0.641066] n=7
  disqualified_share 28d 0 [0, 0.35433] n=7
  reasonless_share 28d 0.4 [0.117621, 0.769276] n=5
  deals_opened 28d 2 n=2
  deals_won 28d 2 n=2
  deals_lost 28d 1 n=1
  won_amount_minor_EUR 28d 150050
  won_amount_minor_USD 28d 0

# Ten leads are open, since 0 to 7, 30 and 90 days: the ninth youngest stands for 90 % of them.
2025-12-31 10:00 lead_created lead_id=L10
2026-03-01 10:00 lead_created lead_id=L9
2026-03-24 10:00 lead_created lead_id=L8
2026-03-25 10:00 lead_created lead_id=L7
2026-03-26 10:00 lead_created lead_id=L6
2026-03-27 10:00 lead_created lead_id=L5
2026-03-28 10:00 lead_created lead_id=L4
2026-03-29 10:00 lead_created lead_id=L3
2026-03-30 23:00 lead_created lead_id=L2
2026-03-31 10:00 lead_created lead_id=L1
windows 2026-03-31 14:00 all open_lead open_customer
  open_lead now 10 n=10
  open_lead_age_days_p90 now 30 n=10
  open_customer now 0
  open_customer_age_days_p90 now none
# Of nine the ninth is meant, and a day later everybody is a day older.
2026-03-31 14:30 lead_dispositioned lead_id=L9 verdict=disqualified reason=silence
windows 2026-03-31 15:00 all open_lead
  open_lead now 9 n=9
  open_lead_age_days_p90 now 90 n=9
windows 2026-04-01 00:00 all open_lead
  open_lead now 9 n=9
  open_lead_age_days_p90 now 91 n=9
