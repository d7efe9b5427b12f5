# Four MQLs come on each working day, and sales calls them within the hour. Some are won. On Monday the 23rd marketing hands
# over twelve. Sales calls four of them, as many as ever, and eight wait in vain: that is marketing's to mend.
set divergence = off
set dimensions = none
each 2026-02-02 2026-03-23 x4 09:00 lead_stage_entered lead_id={} stage=mql
each 2026-02-02 2026-03-23 x4 09:30 lead_touched lead_id={} team=sales
each 2026-02-02 2026-02-21 x1 11:00 deal_opened deal_id={} lead_id={}
each 2026-02-02 2026-02-21 x1 15:00 deal_stage_entered deal_id={} lead_id={} stage=won status=won amount_minor=10000 currency=EUR
each 2026-03-23 2026-03-24 x12 09:00 lead_stage_entered lead_id={} stage=mql
each 2026-03-23 2026-03-24 x4 09:30 lead_touched lead_id={} team=sales
read 2026-03-23 13:20
alerts
  2026-03-23 13:15 firing page first_touch_slo all
owners
  marketing
summaries
  8 of 16 MQLs got no human touch by sales within 4 business hours: 50.0 % kept, 95.0 % promised; 16 MQLs came, usually 8, and sales made about as many touches as ever.
advice
  Marketing: spread the hand-over of these leads, best ones first, and tell sales before the next push. Sales: say how many a day you can take, and take the listed ones in that order.
named
  03-23/9 03-23/8 03-23/7 03-23/6 03-23/5
figure came
  16
figure came as usual
  8
figure due
  16
figure due as usual
  8
figure human touches
  4
figure human touches as usual
  4
# Of 16 that keep the promise 0.8 are missed: 7.2 are beyond it. Of the 100 MQLs until the 6th of March 15 were won.
figure journeys at risk
  7.2
figure win rate
  0.15
figure EUR at risk, in minor units
  10800
# The alert ends on Tuesday at 13:00, when for an hour no short window has held a miss; the last working day still holds the
# twelve of Monday. A week later as many come at once, and sales calls two of them. That is less than ever: it is sales'
# to mend.
each 2026-03-24 2026-03-30 x4 09:00 lead_stage_entered lead_id={} stage=mql
each 2026-03-24 2026-03-30 x4 09:30 lead_touched lead_id={} team=sales
each 2026-03-30 2026-03-31 x12 09:00 lead_stage_entered lead_id={} stage=mql
each 2026-03-30 2026-03-31 x2 09:30 lead_touched lead_id={} team=sales
read 2026-03-30 13:20
alerts
  2026-03-24 13:00 resolved page first_touch_slo all
  2026-03-30 13:15 firing page first_touch_slo all
owners
  marketing
  sales
summaries
  Resolved: 4 of the last 12 MQLs got a human touch by sales within 4 business hours: 33.3 % kept, 95.0 % promised.
  10 of 16 MQLs got no human touch by sales within 4 business hours: 37.5 % kept, 95.0 % promised.
advice
  Sales: take the listed leads today, oldest first, and say who covers for whom. Marketing: ask which leads are not worth the call before sending more of them.
