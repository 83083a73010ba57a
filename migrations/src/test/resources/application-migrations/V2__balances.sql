CREATE TABLE balances (id INTEGER);
