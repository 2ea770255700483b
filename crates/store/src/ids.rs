//! Ids of the rows that only the store has: random UUIDs (version 4), a type for each kind.

use std::fmt;
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new random id.
            #[must_use]
            pub fn random() -> Self {
                Self(Uuid::new_v4())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        crate::sql::column_as! {
            $name as Uuid: |this| this.0, |stored| Some(Self(stored));
        }
    };
}

id! {
    /// An organization, which owns venues and events.
    OrganizationId
}
id! {
    /// A venue.
    VenueId
}
id! {
    /// A picture: the beginning of the hash of its bytes.
    ImageId
}
id! {
    /// An invitation to become a member of an organization.
    InvitationId
}
id! {
    /// A session: a sign-in on one device, prolonged by refresh tokens.
    SessionId
}
