//! The table of permissions: what each role in an organization may do. The API and the console both ask it.

use fairseat_store::organizations::Role;

/// Something a member of an organization may be allowed to do there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// See its venues and events, drafts included.
    SeeCatalogue,
    /// Make and change venues and events, prices and policies included; cancel an event.
    ManageCatalogue,
    /// Withhold seats and give them back.
    BlockSeats,
    /// See who its members are.
    SeeMembers,
    /// Add and remove members and change their roles.
    ManageMembers,
    /// See orders and sales figures.
    SeeOrders,
    /// Give money back.
    Refund,
    /// Let people in at the door.
    CheckIn,
    /// Sell tickets at the counter.
    SellAtCounter,
    /// Give tickets away.
    GiveAway,
    /// See who did what.
    SeeAudit,
}

impl Permission {
    /// Whether a member in `role` may.
    #[must_use]
    pub const fn is_given_to(self, role: Role) -> bool {
        match role {
            Role::Owner => true,
            Role::Manager => !matches!(self, Self::ManageMembers),
            Role::Finance => matches!(self, Self::SeeCatalogue | Self::SeeOrders | Self::Refund),
            Role::Staff => matches!(self, Self::SeeCatalogue | Self::CheckIn | Self::SellAtCounter),
        }
    }
}
