#!/usr/bin/env bash
echo second
