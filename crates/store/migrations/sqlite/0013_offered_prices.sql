-- The lowest and highest prices of an event are now those of seats that are on offer. Every event's figures are computed again
-- from its sale; until then, lists read them there. The rows of orders, tickets and reservations stay as they are.

DELETE FROM event_views;
