-- Full text of events, already folded by the program; this table alone needs SQLite's FTS5.
CREATE VIRTUAL TABLE event_text USING fts5 (
    words, content = '', contentless_delete = 1, prefix = '2 3', tokenize = 'unicode61'
);

-- Words that occur in names and places, under each of their trigrams, to find what a misspelt word was meant to be.
CREATE TABLE word_trigrams (
    trigram TEXT NOT NULL,
    word TEXT NOT NULL,
    PRIMARY KEY (trigram, word)
) STRICT, WITHOUT ROWID;
