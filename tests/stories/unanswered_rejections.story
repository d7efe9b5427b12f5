# Two windows of a week, in each of which at least ten leads are sent back. Others are accepted.
set first_touch_slo = off
set divergence = off
set dimensions = none
set source = crm
set no_data.min_n = 20
set unanswered_rejections.window = "7d"
set unanswered_rejections.clear = "1bd"
each 2026-03-02 2026-03-16 x4 10:00 lead_dispositioned lead_id={} verdict=rejected reason=budget
each 2026-03-02 2026-03-16 x1 10:00 lead_dispositioned lead_id=o{} verdict=recycled reason=timing
each 2026-03-02 2026-04-20 x1 13:00 lead_dispositioned lead_id=good-{} verdict=accepted
each 2026-03-02 2026-04-20 x1 15:30 lead_dispositioned lead_id=good-{} verdict=accepted
# beat unanswered_rejections learning: marketing has never changed the playbook; perhaps that is recorded nowhere
read 2026-03-16 10:00
stands unanswered_rejections learning=1
alerts
# beat unanswered_rejections fires: now it has, for another reason, and "budget" has led both weeks by more than chance
2026-03-16 11:00 playbook_changed change=scoring reasons=timing
read 2026-03-17 10:00
stands unanswered_rejections broken=1
alerts
  2026-03-17 09:00 firing ticket unanswered_rejections all · budget
summaries
  For 14 days "budget" has been the first reason for sending leads back, lately 16 of 20 (80.0 %), and marketing has changed nothing for it.
# beat unanswered_rejections late: it had changed something for "budget" as well, and that is told two days later
2026-03-16 11:00 playbook_changed change=content reasons=budget+timing
each 2026-03-16 2026-04-13 x4 10:00 lead_dispositioned lead_id={} verdict=rejected reason=budget
read 2026-03-18 10:00
alerts
  2026-03-18 09:00 resolved ticket unanswered_rejections all · budget
summaries
  Resolved: marketing has changed the playbook for "budget".
# beat unanswered_rejections quiet: "budget" leads as before, but there has been an answer in the last two weeks
read 2026-03-30 10:00
stands unanswered_rejections kept=1
alerts
# beat unanswered_rejections fires: two weeks after the answer it still leads
read 2026-04-01 10:00
alerts
  2026-03-31 09:00 firing ticket unanswered_rejections all · budget
# beat unanswered_rejections clears: another reason leads
each 2026-04-13 2026-04-20 x9 10:00 lead_dispositioned lead_id={} verdict=rejected reason=fit
read 2026-04-20 10:00
alerts
  2026-04-16 09:00 resolved ticket unanswered_rejections all · budget
summaries
  For 14 days "budget" has been the first reason for sending leads back, lately 20 of 20 (100.0 %), and marketing has changed nothing for it.
  Resolved: "budget" no longer stands out as the first reason for sending leads back; lately it was given for 8 of 35 (22.9 %).
advice
  No change of the playbook in this time names the reason. If there was one, record it. If not, it may come back: take it to sales while it is quiet.
# beat unanswered_rejections fires: it has led two weeks by now
each 2026-04-20 2026-04-22 x1 10:00 lead_dispositioned lead_id={} verdict=rejected reason=fit
each 2026-04-20 2026-04-22 x1 14:00 lead_dispositioned lead_id={} verdict=accepted
read 2026-04-22 10:00
alerts
  2026-04-22 09:00 firing ticket unanswered_rejections all · fit
summaries
  For 14 days "fit" has been the first reason for sending leads back, lately 29 of 29 (100.0 %), and marketing has changed nothing for it.
# beat unanswered_rejections holds: from the 22nd on no verdicts arrive, which is no news of reasons
read 2026-05-04 10:00
stands unanswered_rejections holding=1
alerts
  2026-04-24 10:00 firing ticket no_data all · crm verdicts
