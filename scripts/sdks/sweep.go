// Calls the methods of Svix's Go library that the server offers, and lets it read the answers.
package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"time"

	svix "github.com/svix/svix-webhooks/go"
	"github.com/svix/svix-webhooks/go/models"
	"github.com/svix/svix-webhooks/go/utils"
)

var called = 0

func must[T any](value T, err error) T {
	called++
	if err != nil {
		panic(err)
	}
	return value
}

func done(err error) { must(0, err) }

func refused(err error, status int) {
	refusal, is := err.(*svix.Error)
	if !is || refusal.Status() != status {
		panic(fmt.Sprintf("expected %d, not %v", status, err))
	}
}

func main() {
	ctx := context.Background()
	server := must(url.Parse(os.Getenv("SVIX_SERVER_URL")))
	client := must(svix.New(os.Getenv("SVIX_TOKEN"), &svix.SvixOptions{ServerUrl: server}))
	called = 0
	name := fmt.Sprintf("go-%d", os.Getpid())

	done(client.Health.Get(ctx))
	app := must(client.Application.GetOrCreate(ctx, models.ApplicationIn{Name: name, Uid: &name}, nil))
	must(client.Application.Update(ctx, app.Id, models.ApplicationIn{Name: "Changed", Uid: &name}))
	must(client.Application.Patch(ctx, app.Id, models.ApplicationPatch{Uid: utils.NewNullable(name)}))
	must(client.Application.Get(ctx, name))
	must(client.Application.List(ctx, nil))
	_, err := client.Application.Create(ctx, models.ApplicationIn{Name: name, Uid: &name}, nil)
	refused(err, 409)
	_, err = client.Application.Get(ctx, "nobody")
	refused(err, 404)

	eventType := name + ".paid"
	schemas := map[string]any{"1": map[string]any{"examples": []any{map[string]any{"n": 1}}}}
	must(client.EventType.Create(ctx, models.EventTypeIn{Name: eventType, Description: "Paid", Schemas: &schemas}, nil))
	must(client.EventType.Get(ctx, eventType))
	must(client.EventType.List(ctx, nil))

	uid := "main"
	endpoint := must(client.Endpoint.Create(ctx, app.Id, models.EndpointIn{Url: "http://127.0.0.1:9/", Uid: &uid, Channels: []string{"eu"}}, nil))
	must(client.Endpoint.Patch(ctx, app.Id, uid, models.EndpointPatch{Channels: utils.NewNullable([]string{"us"})}))
	must(client.Endpoint.Update(ctx, app.Id, uid, models.EndpointUpdate{Url: "http://127.0.0.1:9/"}))
	must(client.Endpoint.Get(ctx, app.Id, uid))
	must(client.Endpoint.List(ctx, app.Id, nil))
	must(client.Endpoint.GetSecret(ctx, app.Id, uid))
	done(client.Endpoint.RotateSecret(ctx, app.Id, uid, models.EndpointSecretRotateIn{}, nil))
	done(client.Endpoint.UpdateHeaders(ctx, app.Id, uid, models.EndpointHeadersIn{Headers: map[string]string{"x-a": "1"}}))
	must(client.Endpoint.GetHeaders(ctx, app.Id, uid))
	must(client.Endpoint.GetStats(ctx, app.Id, uid, nil))

	eventId := "evt_1"
	message := must(client.Message.Create(ctx, app.Id, models.MessageIn{EventType: eventType, EventId: &eventId, Payload: map[string]any{"n": 2}}, nil))
	_, err = client.Message.Create(ctx, app.Id, models.MessageIn{EventType: eventType, EventId: &eventId, Payload: map[string]any{"n": 2}}, nil)
	refused(err, 409)
	must(client.Message.Get(ctx, app.Id, eventId, nil))
	must(client.Message.List(ctx, app.Id, nil))
	must(client.MessageAttempt.ListByMsg(ctx, app.Id, message.Id, nil))
	must(client.MessageAttempt.ListByEndpoint(ctx, app.Id, endpoint.Id, nil))
	must(client.MessageAttempt.ListAttemptedMessages(ctx, app.Id, endpoint.Id, nil))
	must(client.MessageAttempt.ListAttemptedDestinations(ctx, app.Id, message.Id, nil))
	done(client.Message.ExpungeContent(ctx, app.Id, message.Id))
	task := must(client.Endpoint.Recover(ctx, app.Id, uid, models.RecoverIn{Since: time.Now().Add(-time.Hour)}, nil))
	must(client.BackgroundTask.Get(ctx, task.Id))
	must(client.Authentication.AppPortalAccess(ctx, app.Id, models.AppPortalAccessIn{}, nil))
	done(client.Endpoint.Delete(ctx, app.Id, uid))
	done(client.Application.Delete(ctx, app.Id))
	fmt.Printf("%d methods\n", called)
}
