DROP TABLE directory.feed_health;
