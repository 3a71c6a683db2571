# a check
kubectl get deployment web
