#!bash
echo seeded
