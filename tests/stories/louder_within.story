# Three sources bring forty MQLs each a day, and of each four are not called in time: the company is told by a ticket.
# When nobody calls the five of another source at all, those are paged: the ticket does not tell that.
set divergence = off
each 2026-03-02 2026-03-14 x40 08:30 lead_created lead_id=ads-{} source=ads
each 2026-03-02 2026-03-14 x40 09:00 lead_stage_entered lead_id=ads-{} stage=mql
each 2026-03-02 2026-03-14 x40 08:30 lead_created lead_id=fair-{} source=fair
each 2026-03-02 2026-03-14 x40 09:00 lead_stage_entered lead_id=fair-{} stage=mql
each 2026-03-02 2026-03-14 x40 08:30 lead_created lead_id=web-{} source=webinar
each 2026-03-02 2026-03-14 x40 09:00 lead_stage_entered lead_id=web-{} stage=mql
each 2026-03-02 2026-03-14 x5 08:30 lead_created lead_id=new-{} source=partner
each 2026-03-02 2026-03-14 x5 09:00 lead_stage_entered lead_id=new-{} stage=mql
each 2026-03-02 2026-03-13 x36 10:00 lead_touched lead_id=ads-{} team=sales
each 2026-03-02 2026-03-13 x36 10:00 lead_touched lead_id=fair-{} team=sales
each 2026-03-02 2026-03-13 x36 10:00 lead_touched lead_id=web-{} team=sales
each 2026-03-02 2026-03-12 x5 10:00 lead_touched lead_id=new-{} team=sales
read 2026-03-12 16:55
alerts
  2026-03-04 13:15 firing ticket first_touch_slo all
  2026-03-12 13:15 firing page first_touch_slo source=partner
# The page goes an hour after the misses of 13:00 have left the short window. On Friday hardly anybody is called: the
# company is paged at once, being told of already, and that tells of every source.
each 2026-03-13 2026-03-14 x10 10:00 lead_touched lead_id=ads-{} team=sales
each 2026-03-13 2026-03-14 x10 10:00 lead_touched lead_id=fair-{} team=sales
each 2026-03-13 2026-03-14 x10 10:00 lead_touched lead_id=web-{} team=sales
read 2026-03-13 17:00
alerts
  2026-03-12 17:00 resolved page first_touch_slo source=partner
  2026-03-13 13:05 firing page first_touch_slo all
