//! The names of the contract: every field that an event can have, in the order of `event.avsc`.
//!
//! JSON, Avro and rejections all speak of fields by this one list; it says nothing of their types.

/// Makes the list of fields in the order in which records are written.
macro_rules! fields {
    ($($variant:ident = $word:literal),+ $(,)?) => {
        /// A field of an event.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Field { $($variant),+ }

        impl Field {
            /// Every field, in order.
            pub(crate) const ALL: &'static [Field] = &[$(Field::$variant),+];

            /// The name in the record.
            pub(crate) fn as_str(self) -> &'static str {
                match self { $(Field::$variant => $word),+ }
            }

            /// The field with this name, if the contract has one.
            pub(crate) fn parse(name: &str) -> Option<Field> {
                match name { $($word => Some(Field::$variant),)+ _ => None }
            }
        }
    };
}

fields! {
    EventId = "event_id",
    OccurredAt = "occurred_at",
    Kind = "kind",
    LeadId = "lead_id",
    DealId = "deal_id",
    CampaignId = "campaign_id",
    Source = "source",
    Attributes = "attributes",
    Stage = "stage",
    OwnerId = "owner_id",
    Team = "team",
    Channel = "channel",
    Automated = "automated",
    Verdict = "verdict",
    Reason = "reason",
    Into = "into",
    AmountMinor = "amount_minor",
    Currency = "currency",
    Origin = "origin",
    Status = "status",
    AssetId = "asset_id",
    AuthorTeam = "author_team",
    Measure = "measure",
    From = "from",
    To = "to",
    Value = "value",
    Change = "change",
    Reasons = "reasons",
}
