"""Parts without domain words: settings, database, queue, clock, money, phones, texts."""
