// Webhook checks what cert-manager is asked for: cert-manager's own server with its own flags.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/pflag"

	"github.com/cert-manager/cert-manager/internal/webhook"
	"github.com/cert-manager/cert-manager/pkg/logs"
	"github.com/cert-manager/cert-manager/pkg/webhook/options"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	logs.InitLogs()
	ctx = logs.NewContext(ctx, logs.Log, "webhook")
	if err := run(ctx); err != nil && ctx.Err() == nil {
		logs.Log.Error(err, "the webhook ends")
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	configuration, err := options.NewWebhookConfiguration()
	if err != nil {
		return err
	}
	flags := pflag.NewFlagSet(os.Args[0], pflag.ExitOnError)
	options.AddConfigFlags(flags, configuration)
	_ = flags.Parse(os.Args[1:])
	server, err := webhook.NewCertManagerWebhookServer(logs.FromContext(ctx), *configuration)
	if err != nil {
		return err
	}
	return server.Run(ctx)
}
