//! A macro for wire types of enums without data.

/// Declares the wire type of an enum without data, with conversions in both directions.
macro_rules! mirror {
    ($(#[$doc:meta])* $wire:ident for $domain:ident { $($variant:ident),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Serialize, Deserialize)]
        pub(in crate::wire) enum $wire { $($variant),+ }

        impl From<$domain> for $wire {
            fn from(value: $domain) -> Self {
                match value { $($domain::$variant => Self::$variant),+ }
            }
        }

        impl From<$wire> for $domain {
            fn from(value: $wire) -> Self {
                match value { $($wire::$variant => Self::$variant),+ }
            }
        }
    };
}

pub(super) use mirror;
