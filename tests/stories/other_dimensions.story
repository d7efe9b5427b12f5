# The funnel is split otherwise from the next boundary on: everything is counted anew, in the new segments alone, and
# what windows there were of the old ones is forgotten.
2026-03-02 09:10 lead_created lead_id=a source=webinar attributes.region=emea
2026-03-02 09:40 lead_stage_entered lead_id=a stage=mql
2026-03-02 09:20 lead_created lead_id=b source=ads attributes.region=amer
windows 2026-03-02 10:00 source=webinar entered_mql
  entered_mql 1d 1 n=1
  entered_mql 7d 1 n=1
  entered_mql 28d 1 n=1
define dimensions = region,region+source
# No boundary is left to be counted under them before time passes.
expect 2026-03-02 10:00 source=webinar entered_
  entered_lead 2026-03-02 09:10 1
  entered_mql 2026-03-02 09:40 1
expect 2026-03-02 10:01 source=webinar
expect 2026-03-02 10:01 region=emea entered_
  entered_lead 2026-03-02 09:00 1
  entered_mql 2026-03-02 09:00 1
expect 2026-03-02 10:01 region=amer,source=ads entered_
  entered_lead 2026-03-02 09:00 1
expect 2026-03-02 10:01 all entered_
  entered_lead 2026-03-02 09:00 2
  entered_mql 2026-03-02 09:00 1
# What comes later has its minute, and what changes is taken back where it stood.
2026-03-02 10:30 lead_stage_entered lead_id=b stage=mql
2026-03-02 09:00 lead_created lead_id=a source=webinar attributes.region=amer
expect 2026-03-02 10:31 region=amer entered_
  entered_lead 2026-03-02 09:00 2
  entered_mql 2026-03-02 09:40 1
  entered_mql 2026-03-02 10:30 1
windows 2026-03-02 11:00 region=amer entered_mql
  entered_mql 1d 2 n=2
  entered_mql 7d 2 n=2
  entered_mql 28d 2 n=2
windows 2026-03-02 11:00 source=webinar
# Without dimensions there is the whole company.
define dimensions = none
windows 2026-03-02 12:00 region=amer
windows 2026-03-02 12:00 all entered_mql
  entered_mql 1d 2 n=2
  entered_mql 7d 2 n=2
  entered_mql 28d 2 n=2
