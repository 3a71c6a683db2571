#!/usr/bin/env bash
kubectl get deployment web
exit 0
