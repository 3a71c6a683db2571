#!/bin/sh
echo seeded
