//! Identities of what only the store knows: random UUIDs (version 4), each kind its own type.

use std::fmt;
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new one, at random.
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
    /// Who owns venues and events.
    OrganizationId
}
id! {
    /// A place with seats.
    VenueId
}
id! {
    /// A picture: the beginning of a hash of what it shows.
    ImageId
}
id! {
    /// A sign-in on one device, kept alive by refresh tokens.
    SessionId
}
