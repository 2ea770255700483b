//! Bugs planted on purpose, so that a test can show that the simulation catches them.
//!
//! Without the feature `planted-bugs`, [`planted`] is always `false` and the compiler removes the bugs. A release build
//! with the feature does not compile.

#[cfg(all(feature = "planted-bugs", not(debug_assertions)))]
compile_error!("the feature planted-bugs is not allowed in a release build");

/// Declares [`Bug`] together with the list of all its variants, so that the list cannot miss one.
macro_rules! bugs {
    ($($(#[$doc:meta])* $bug:ident,)+) => {
        /// A bug that can be planted. Each one breaks the program at the places that ask [`planted`] for it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Bug {
            $($(#[$doc])* $bug,)+
        }

        impl Bug {
            /// Every bug, in alphabetical order.
            pub const ALL: &[Self] = &[$(Self::$bug),+];
        }
    };
}

bugs! {
    /// The engine answers before the journal has the facts.
    AnswerBeforeDurable,
    /// An append does not store the sale's next deadline.
    AppendWithoutDeadline,
    /// The engine applies a batch that it has applied before.
    ApplyBatchTwice,
    /// An authorised payment is captured before the order's confirmation is durable.
    CaptureBeforeConfirmation,
    /// A reservation can be changed while a payment for it is under way.
    ChangeCartDuringPayment,
    /// Each try of one payment attempt reaches the provider under another reference.
    ChargeUnderNewReference,
    /// The views' checkpoint is stored without the rows that belong to it.
    CheckpointAheadOfRows,
    /// A complimentary sale at the counter charges the full price.
    ComplimentaryAtFullPrice,
    /// Cancelling a counter sale lowers the seller's own ticket count, although the sale did not raise it.
    CounterSaleLowersSellersCount,
    /// A consumer's cursor is reported to the journal before the consumer has processed the facts.
    CursorAheadOfConsumer,
    /// A request whose append lost the race is answered as if the append had won.
    DropRequestOnConflict,
    /// A reservation expires although a payment for it is under way.
    ExpireDuringPayment,
    /// Reservations expire before their end.
    ExpireEarly,
    /// A reservation can be extended more than once.
    ExtendRepeatedly,
    /// Idempotency keys are forgotten after minutes instead of a day.
    ForgetKeysEarly,
    /// The journal appends a batch whatever position the writer expected.
    IgnoreExpectedPosition,
    /// Seats held from one network are not limited.
    IgnoreHoldLimit,
    /// Tickets that are paid with one instrument are not limited.
    IgnoreInstrumentLimit,
    /// A payment that succeeds after its attempt ended is ignored.
    IgnoreLateSuccess,
    /// A cart that is merged at sign-in is not limited.
    IgnoreLimitOnMerge,
    /// A change that also removes seats is not checked against the ticket limit.
    IgnoreLimitOnSwap,
    /// A buyer who cancels gets the whole price back, whatever the refund policy's share.
    IgnoreRefundShare,
    /// The tickets a buyer has already do not count towards the limit.
    IgnoreTicketLimit,
    /// A cancelled event gives the fees back only where the refund policy does.
    KeepFeesOfCancelledEvent,
    /// A changed reservation keeps the fees of the seats it had before.
    KeepFeesOfOldCart,
    /// A cancelled order does not free its seats.
    KeepSeatsOfCancelledOrder,
    /// Idempotency keys are not remembered.
    LoseIdempotencyKey,
    /// A sold event can become a draft again.
    MakeSoldEventDraft,
    /// A payment attempt without an outcome is never cancelled.
    NeverCancelPayments,
    /// Reservations never expire.
    NeverExpire,
    /// An effect that failed is not tried again.
    NeverRetryEffects,
    /// A server that came back shows its readers commits that its standby never got.
    ReadUnreplicated,
    /// The payment provider is asked to refund money that was paid at the counter.
    RefundCounterSaleAtProvider,
    /// Every refund gives back the whole payment.
    RefundWholePayment,
    /// Refusals are answered before the facts they rely on are durable.
    RefuseBeforeDurable,
    /// A refund is reported as completed although the provider was not asked.
    ReportRefundWithoutAsking,
    /// An append whose outcome is unknown is sent again to the newest head that the engine knows.
    ResendToNewestHead,
    /// When the outcome of an append is unknown, it is sent again with a new batch id instead of its own.
    ResendUnderNewId,
    /// A new seat takes over the index of a removed one.
    ReuseSeatIndex,
    /// A late payment gets its seats back although another buyer has them.
    SeatLateBuyerOnTakenSeat,
    /// Seats are sold after the sale's end.
    SellAfterEnd,
    /// The payment of an order that was cancelled before its capture is never captured.
    SkipCaptureOfCancelledOrders,
    /// The journal acknowledges an append that is not synced to disk.
    SkipFsync,
    /// A sale goes to sleep although effects are still to be done.
    SleepWithOpenEffects,
    /// A snapshot is stored under the newest head of the stream instead of its own.
    SnapshotUnderNewestHead,
    /// A snapshot loses the idempotency keys.
    SnapshotWithoutKeys,
    /// A sale's time runs backwards when a clock does.
    TimeRunsBackwards,
    /// An append whose outcome is unknown is treated as done.
    TreatUnknownAsAppended,
    /// An append whose outcome is unknown is treated as not done.
    TreatUnknownAsFailed,
    /// A second payment attempt begins while the first may still charge.
    TwoAttemptsAtOnce,
    /// A seat that becomes free is for sale although the plan removed it in the meantime.
    VacatedSeatForgetsPlan,
    /// The views ignore completed refunds.
    ViewsMissRefunds,
}

#[cfg(feature = "planted-bugs")]
thread_local! {
    static PLANTED: std::cell::Cell<Option<Bug>> = const { std::cell::Cell::new(None) };
}

/// Plants one bug in this thread, instead of the one planted before; `None` plants none.
#[cfg(feature = "planted-bugs")]
pub fn plant(bug: Option<Bug>) {
    PLANTED.set(bug);
}

/// Whether `bug` is planted in this thread.
#[cfg(feature = "planted-bugs")]
#[must_use]
pub fn planted(bug: Bug) -> bool {
    PLANTED.get() == Some(bug)
}

/// Whether `bug` is planted in this thread: never, in a build without the feature.
#[cfg(not(feature = "planted-bugs"))]
#[inline]
#[must_use]
pub const fn planted(_bug: Bug) -> bool {
    false
}
