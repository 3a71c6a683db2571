// Controller issues certificates: cert-manager's own controllers for Certificates, and for issuers that need nothing
// from beyond the cluster (CA and self-signed). ACME, Vault and Venafi are left out: they are most of what building
// it takes, and nothing in a closed sandbox could reach them.
package main

import (
	"context"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/pflag"
	"golang.org/x/sync/errgroup"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"

	"github.com/cert-manager/cert-manager/pkg/controller"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificaterequests/approver"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificaterequests/ca"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificaterequests/selfsigned"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/issuing"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/keymanager"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/readiness"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/requestmanager"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/revisionmanager"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/trigger"
	_ "github.com/cert-manager/cert-manager/pkg/controller/clusterissuers"
	_ "github.com/cert-manager/cert-manager/pkg/controller/issuers"
	"github.com/cert-manager/cert-manager/pkg/healthz"
	_ "github.com/cert-manager/cert-manager/pkg/issuer/ca"
	_ "github.com/cert-manager/cert-manager/pkg/issuer/selfsigned"
	"github.com/cert-manager/cert-manager/pkg/logs"
)

// workers of each controller: enough for a task.
const workers = 5

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	logs.InitLogs()
	ctx = logs.NewContext(ctx, logs.Log, "controller")
	if err := run(ctx, parse()); err != nil && ctx.Err() == nil {
		logs.Log.Error(err, "the controller ends")
		os.Exit(1)
	}
}

type settings struct {
	controller.ContextOptions
	leaderElect     bool
	leaderNamespace string
	lease           time.Duration
	renew           time.Duration
	retry           time.Duration
	healthz         string
}

// parse knows the flags that the chart sets, and refuses others.
func parse() settings {
	var all settings
	all.KubernetesAPIQPS, all.KubernetesAPIBurst = 20, 50
	all.CopiedAnnotationPrefixes = []string{"*", "-kubectl.kubernetes.io/", "-fluxcd.io/", "-argocd.argoproj.io/"}
	all.CertificateRequestMinimumBackoffDuration = time.Hour
	all.CertificateRequestMaximumBackoffDuration = 32 * time.Hour
	var verbosity, metrics, solver string
	var challenges int
	flags := pflag.NewFlagSet(os.Args[0], pflag.ExitOnError)
	flags.StringVar(&all.Namespace, "namespace", "", "the only namespace to watch")
	flags.StringVar(&all.ClusterResourceNamespace, "cluster-resource-namespace", "kube-system", "where Secrets of ClusterIssuers are")
	flags.BoolVar(&all.EnableOwnerRef, "enable-certificate-owner-ref", false, "whether a Secret goes with its Certificate")
	flags.BoolVar(&all.leaderElect, "leader-elect", true, "whether to work only while nobody else does")
	flags.StringVar(&all.leaderNamespace, "leader-election-namespace", "kube-system", "where the lease is")
	flags.DurationVar(&all.lease, "leader-election-lease-duration", time.Minute, "how long a lease is")
	flags.DurationVar(&all.renew, "leader-election-renew-deadline", 40*time.Second, "when to give up renewing it")
	flags.DurationVar(&all.retry, "leader-election-retry-period", 15*time.Second, "how often to try")
	flags.StringVar(&all.healthz, "healthz-listen-address", "0.0.0.0:9403", "where to answer whether it is alive")
	flags.StringVarP(&verbosity, "v", "v", "2", "how much to log; not heeded")
	flags.StringVar(&metrics, "metrics-listen-address", "0", "not heeded: there are no metrics")
	flags.StringVar(&solver, "acme-http01-solver-image", "", "not heeded: there is no ACME")
	flags.IntVar(&challenges, "max-concurrent-challenges", 0, "not heeded: there is no ACME")
	_ = flags.Parse(os.Args[1:])
	return all
}

func run(ctx context.Context, all settings) error {
	factory, err := controller.NewContextFactory(ctx, all.ContextOptions)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", all.healthz)
	if err != nil {
		return err
	}
	health := healthz.NewServer(20 * time.Second)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return health.Start(ctx, listener) })
	group.Go(func() error {
		if all.leaderElect {
			if err := lead(ctx, factory, all, health.LeaderHealthzAdaptor); err != nil {
				return err
			}
		}
		return control(ctx, factory)
	})
	return group.Wait()
}

// lead returns once this is the leader, and ends the process when it no longer is.
func lead(ctx context.Context, factory *controller.ContextFactory, all settings, watchdog *leaderelection.HealthzAdaptor) error {
	base, err := factory.Build("leader-election")
	if err != nil {
		return err
	}
	name, err := os.Hostname()
	if err != nil {
		return err
	}
	lock, err := resourcelock.New(resourcelock.LeasesResourceLock, all.leaderNamespace, "cert-manager-controller",
		base.Client.CoreV1(), base.Client.CoordinationV1(), resourcelock.ResourceLockConfig{Identity: name, EventRecorder: base.Recorder})
	if err != nil {
		return err
	}
	leading := make(chan struct{})
	go leaderelection.RunOrDie(ctx, leaderelection.LeaderElectionConfig{
		Lock: lock, LeaseDuration: all.lease, RenewDeadline: all.renew, RetryPeriod: all.retry,
		ReleaseOnCancel: true, WatchDog: watchdog,
		Callbacks: leaderelection.LeaderCallbacks{
			OnStartedLeading: func(context.Context) { close(leading) },
			OnStoppedLeading: func() {
				if ctx.Err() == nil {
					os.Exit(1)
				}
			},
		},
	})
	select {
	case <-leading:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// control runs every controller that is linked in.
func control(ctx context.Context, factory *controller.ContextFactory) error {
	base, err := factory.Build()
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	for name, construct := range controller.Known() {
		one, err := construct(factory)
		if err != nil {
			return err
		}
		group.Go(func() error {
			logs.Log.Info("starting", "controller", name)
			return one.Run(workers, ctx)
		})
	}
	base.SharedInformerFactory.Start(ctx.Done())
	base.KubeSharedInformerFactory.Start(ctx.Done())
	base.HTTP01ResourceMetadataInformersFactory.Start(ctx.Done())
	return group.Wait()
}
