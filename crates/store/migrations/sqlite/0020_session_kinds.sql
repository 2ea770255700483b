-- A session is continued by refresh tokens or by a browser's cookie, never by both.

-- SHA-256 of the cookie; NULL for a session with refresh tokens.
ALTER TABLE sessions ADD COLUMN cookie_hash BLOB CHECK (length(cookie_hash) = 32);
CREATE UNIQUE INDEX sessions_by_cookie ON sessions (cookie_hash) WHERE cookie_hash IS NOT NULL;
-- Until now a cookie was a refresh token that was never replaced, and nothing tells the two apart: browsers sign in again.

-- No session lasts longer than 90 days.
UPDATE sessions SET expires_at = MIN(expires_at, created_at + 7776000000);
