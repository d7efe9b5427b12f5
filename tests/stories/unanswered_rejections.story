# Two windows of a week, in each of which at least ten leads are sent back. Nothing is said until marketing has changed the
# playbook for the first time; then `budget` has led both, by more than chance, and that is told. A change that names it, told
# two days late, ends the alert at once. Four weeks later it leads again, and the alert is over when another reason leads.
set first_touch_slo = off
set divergence = off
set dimensions = none
set source = crm
set no_data.min_n = 20
set unanswered_rejections.window = "7d"
set unanswered_rejections.clear = "1bd"
each 2026-03-02 2026-03-16 x4 10:00 lead_dispositioned lead_id={} verdict=rejected reason=budget
each 2026-03-02 2026-03-16 x1 10:00 lead_dispositioned lead_id=o{} verdict=recycled reason=timing
read 2026-03-16 10:00
stands unanswered_rejections learning=2
alerts
2026-03-16 11:00 playbook_changed change=scoring reasons=timing
read 2026-03-17 10:00
stands unanswered_rejections kept=1 broken=1
alerts
  2026-03-17 09:00 firing ticket unanswered_rejections all · budget
2026-03-16 11:00 playbook_changed change=content reasons=budget+timing
each 2026-03-16 2026-04-13 x4 10:00 lead_dispositioned lead_id={} verdict=rejected reason=budget
read 2026-03-18 10:00
stands unanswered_rejections kept=2
alerts
  2026-03-18 09:00 resolved ticket unanswered_rejections all · budget
summaries
  For 14 days "budget" has been the first reason for sending leads back, lately 16 of 20 (80.0 %), and marketing has changed nothing for it.
  Resolved: marketing has changed the playbook for "budget".
read 2026-03-30 10:00
alerts
read 2026-04-01 10:00
alerts
  2026-03-31 09:00 firing ticket unanswered_rejections all · budget
each 2026-04-13 2026-04-20 x9 10:00 lead_dispositioned lead_id={} verdict=rejected reason=fit
read 2026-04-20 10:00
alerts
  2026-04-16 09:00 resolved ticket unanswered_rejections all · budget
