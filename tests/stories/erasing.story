# Erasing a person takes away who it was; what was counted stays, in the segment where it was.
2026-03-02 09:00 lead_created lead_id=person source=webinar
2026-03-02 09:30 lead_stage_entered lead_id=person stage=mql
expect 2026-03-02 09:31 source=webinar entered_
  entered_lead 2026-03-02 09:00 1
  entered_mql 2026-03-02 09:30 1
2026-03-02 10:00 lead_erased lead_id=person
expect 2026-03-02 10:01 source=webinar entered_
  entered_lead 2026-03-02 09:00 1
  entered_mql 2026-03-02 09:30 1
# What is said later counts, of nobody in particular; a creation tells no new source.
2026-03-02 11:00 lead_stage_entered lead_id=person stage=sal
2026-03-02 11:30 lead_created lead_id=person source=ads
expect 2026-03-02 12:00 source=webinar entered_
  entered_lead 2026-03-02 09:00 1
  entered_mql 2026-03-02 09:30 1
  entered_sal 2026-03-02 11:00 1
expect 2026-03-02 12:00 source=ads
