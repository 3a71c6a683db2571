#!/bin/sh
kubectl get deployment web
