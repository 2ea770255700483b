-- A venue that was deleted. Its row stays, because events that were deleted before refer to it.

ALTER TABLE venues ADD COLUMN deleted_at INTEGER;
