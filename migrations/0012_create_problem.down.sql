DROP TABLE oversight.letter;
DROP TABLE oversight.problem;
