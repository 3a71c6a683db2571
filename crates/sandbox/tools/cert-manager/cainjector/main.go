// Cainjector puts certificate authorities where the API server looks for them: cert-manager's own reconcilers.
package main

import (
	"os"
	"time"

	"github.com/spf13/pflag"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	"k8s.io/client-go/kubernetes/scheme"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"

	apiext "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apireg "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"

	cmscheme "github.com/cert-manager/cert-manager/pkg/client/clientset/versioned/scheme"
	"github.com/cert-manager/cert-manager/pkg/controller/cainjector"
	"github.com/cert-manager/cert-manager/pkg/logs"
	"github.com/cert-manager/cert-manager/pkg/util"
)

func main() {
	logs.InitLogs()
	ctrl.SetLogger(logs.Log)
	if err := run(); err != nil {
		logs.Log.Error(err, "the injector ends")
		os.Exit(1)
	}
}

func run() error {
	options := parse()
	options.Scheme = kinds()
	manager, err := ctrl.NewManager(util.RestConfigWithUserAgent(ctrl.GetConfigOrDie(), "cainjector"), options)
	if err != nil {
		return err
	}
	ctx := ctrl.SetupSignalHandler()
	err = cainjector.RegisterAllInjectors(ctx, manager, cainjector.SetupOptions{
		EnableCertificatesDataSource: true,
		EnabledReconcilersFor: map[string]bool{
			cainjector.MutatingWebhookConfigurationName:   true,
			cainjector.ValidatingWebhookConfigurationName: true,
			cainjector.APIServiceName:                     true,
			cainjector.CustomResourceDefinitionName:       true,
		},
	})
	if err != nil {
		return err
	}
	return manager.Start(ctx)
}

func kinds() *runtime.Scheme {
	all := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		scheme.AddToScheme, cmscheme.AddToScheme, apiext.AddToScheme, apireg.AddToScheme,
	} {
		utilruntime.Must(add(all))
	}
	return all
}

// parse knows the flags that the chart sets, and refuses others.
func parse() ctrl.Options {
	var verbosity, namespace, metrics string
	var elect bool
	var lease, renew, retry time.Duration
	flags := pflag.NewFlagSet(os.Args[0], pflag.ExitOnError)
	flags.BoolVar(&elect, "leader-elect", true, "whether to work only while nobody else does")
	flags.StringVar(&namespace, "leader-election-namespace", "kube-system", "where the lease is")
	flags.DurationVar(&lease, "leader-election-lease-duration", time.Minute, "how long a lease is")
	flags.DurationVar(&renew, "leader-election-renew-deadline", 40*time.Second, "when to give up renewing it")
	flags.DurationVar(&retry, "leader-election-retry-period", 15*time.Second, "how often to try")
	flags.StringVarP(&verbosity, "v", "v", "2", "how much to log; not heeded")
	flags.StringVar(&metrics, "metrics-listen-address", "0", "where to show metrics")
	_ = flags.Parse(os.Args[1:])
	return ctrl.Options{
		// The reconcilers hear of Secrets by a watch of their metadata. From a second watch, which may be behind that one, a
		// new Secret would be missing when they look for it, and they look only once.
		Client:                        client.Options{Cache: &client.CacheOptions{DisableFor: []client.Object{&corev1.Secret{}}}},
		LeaderElection:                elect,
		LeaderElectionID:              "cert-manager-cainjector-leader-election",
		LeaderElectionNamespace:       namespace,
		LeaderElectionReleaseOnCancel: true,
		LeaseDuration:                 &lease,
		RenewDeadline:                 &renew,
		RetryPeriod:                   &retry,
		Metrics:                       server.Options{BindAddress: metrics},
	}
}
