// What the sample shell answers: what such commands print in a preview of the sample task.

const PODS = `NAMESPACE     NAME                      READY   STATUS    RESTARTS   AGE
default       tty                       1/1     Running   0          13m
kube-system   coredns-b6956444c-mcb95   1/1     Running   0          13m
shop          orders-0                  1/1     Running   0          12m`;

const CLAIMS = `NAME              STATUS   VOLUME                                     CAPACITY   ACCESS MODES   STORAGECLASS   AGE
data-orders-0     Bound    pvc-0b1d7c2e-4a55-4c0b-9f0e-6d4b1a2f7c11   1Gi        RWO            sandbox        13m
pgdata-orders-0   Bound    pvc-9c44e0a1-7c1f-4a57-8a3e-02f4d1b9e6d3   1Gi        RWO            sandbox        12m`;

export const OUTPUTS: Record<string, string> = {
  'kubectl get pods -A': PODS,
  'kubectl get pvc -n shop': CLAIMS,
  'kubectl get nodes': `NAME        STATUS   ROLES    AGE   VERSION
control-1   Ready    <none>   13m   v1.36.3
task-1      Ready    <none>   13m   v1.36.3
task-2      Ready    <none>   13m   v1.36.3`,
  'psql -c "select count(*) from orders"': `\x1b[31mERROR\x1b[0m:  relation "orders" does not exist
LINE 1: select count(*) from orders
                             ^`,
  id: 'uid=1000(candidate) gid=1000(candidate) groups=1000(candidate)',
};
