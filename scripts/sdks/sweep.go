// Calls the methods of Svix's Go library that the server offers, and lets it read the answers.
package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"sync"
	"sync/atomic"
	"time"

	svix "github.com/svix/svix-webhooks/go"
	"github.com/svix/svix-webhooks/go/models"
	"github.com/svix/svix-webhooks/go/utils"
)

var called atomic.Int32

func must[T any](value T, err error) T {
	called.Add(1)
	if err != nil {
		panic(err)
	}
	return value
}

func done(err error) { must(0, err) }

func until[T any](look func() (T, bool)) T {
	for range 600 {
		if found, is := look(); is {
			return found
		}
		time.Sleep(100 * time.Millisecond)
	}
	panic("waited in vain")
}

func refused(err error, status int) {
	refusal, is := err.(*svix.Error)
	if !is || refusal.Status() != status {
		panic(fmt.Sprintf("expected %d, not %v", status, err))
	}
}

type delivery struct {
	headers http.Header
	body    []byte
}

func main() {
	ctx := context.Background()
	var arrived sync.Map
	receiver := httptest.NewServer(http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
		body := must(io.ReadAll(request.Body))
		arrived.Store(request.Header.Get("svix-id"), delivery{request.Header, body})
		fmt.Fprint(answer, "thanks")
	}))
	target := receiver.URL + "/"
	server := must(url.Parse(os.Getenv("SVIX_SERVER_URL")))
	client := must(svix.New(os.Getenv("SVIX_TOKEN"), &svix.SvixOptions{ServerUrl: server}))
	name := fmt.Sprintf("go-%d", os.Getpid())

	done(client.Health.Get(ctx))
	app := must(client.Application.GetOrCreate(ctx, models.ApplicationIn{Name: name, Uid: &name}, nil))
	var fifty sync.WaitGroup
	for range 50 {
		fifty.Add(1)
		go func() {
			defer fifty.Done()
			same := must(client.Application.GetOrCreate(ctx, models.ApplicationIn{Name: name, Uid: &name}, nil))
			if same.Id != app.Id {
				panic("another application was made")
			}
		}()
	}
	fifty.Wait()
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
	must(client.EventType.Update(ctx, eventType, models.EventTypeUpdate{Description: "Paid.", Schemas: &schemas}))
	deprecated := false
	must(client.EventType.Patch(ctx, eventType, models.EventTypePatch{Deprecated: &deprecated}))
	must(client.EventType.Get(ctx, eventType))
	must(client.EventType.List(ctx, nil))
	old := eventType + ".old"
	must(client.EventType.Create(ctx, models.EventTypeIn{Name: old, Description: ""}, nil))
	done(client.EventType.Delete(ctx, old, nil))

	uid := "main"
	endpoint := must(client.Endpoint.Create(ctx, app.Id, models.EndpointIn{Url: target, Uid: &uid, Channels: []string{"eu"}}, nil))
	must(client.Endpoint.Patch(ctx, app.Id, uid, models.EndpointPatch{Channels: utils.NewNullable([]string{"us"})}))
	must(client.Endpoint.Update(ctx, app.Id, uid, models.EndpointUpdate{Url: target}))
	must(client.Endpoint.Get(ctx, app.Id, uid))
	must(client.Endpoint.List(ctx, app.Id, nil))
	done(client.Endpoint.RotateSecret(ctx, app.Id, uid, models.EndpointSecretRotateIn{}, nil))
	key := must(client.Endpoint.GetSecret(ctx, app.Id, uid)).Key
	done(client.Endpoint.UpdateHeaders(ctx, app.Id, uid, models.EndpointHeadersIn{Headers: map[string]string{"x-a": "1"}}))
	done(client.Endpoint.PatchHeaders(ctx, app.Id, uid, models.EndpointHeadersPatchIn{Headers: map[string]string{"x-b": "2"}, DeleteHeaders: []string{"x-a"}}))
	if left := must(client.Endpoint.GetHeaders(ctx, app.Id, uid)).Headers; len(left) != 1 || left["x-b"] != "2" {
		panic(fmt.Sprint(left))
	}
	must(client.Endpoint.SendExample(ctx, app.Id, uid, models.EventExampleIn{EventType: eventType}, nil))
	must(client.Endpoint.GetStats(ctx, app.Id, uid, nil))

	eventId := "evt_1"
	message := must(client.Message.Create(ctx, app.Id, models.MessageIn{EventType: eventType, EventId: &eventId, Payload: map[string]any{"n": 2}}, nil))
	_, err = client.Message.Create(ctx, app.Id, models.MessageIn{EventType: eventType, EventId: &eventId, Payload: map[string]any{"n": 2}}, nil)
	refused(err, 409)
	once := svix.MessageCreateOptions{IdempotencyKey: &name}
	third := models.MessageIn{EventType: eventType, Payload: map[string]any{"n": 3}}
	if must(client.Message.Create(ctx, app.Id, third, &once)).Id != must(client.Message.Create(ctx, app.Id, third, &once)).Id {
		panic("a repeated request made another message")
	}
	must(client.Message.Get(ctx, app.Id, eventId, nil))
	if !must(client.Message.Precheck(ctx, app.Id, models.MessagePrecheckIn{EventType: eventType}, nil)).Active {
		panic("nobody would get it")
	}
	sent := until(func() (delivery, bool) {
		found, is := arrived.Load(message.Id)
		if !is {
			return delivery{}, false
		}
		return found.(delivery), true
	})
	done(must(svix.NewWebhook(key)).Verify(sent.body, sent.headers))
	must(client.Message.List(ctx, app.Id, nil))
	attempt := until(func() (models.MessageAttemptOut, bool) {
		page := must(client.MessageAttempt.ListByMsg(ctx, app.Id, message.Id, nil))
		if len(page.Data) == 0 {
			return models.MessageAttemptOut{}, false
		}
		return page.Data[0], true
	})
	must(client.MessageAttempt.Get(ctx, app.Id, message.Id, attempt.Id, nil))
	must(client.MessageAttempt.ListByEndpoint(ctx, app.Id, endpoint.Id, nil))
	must(client.MessageAttempt.ListAttemptedMessages(ctx, app.Id, endpoint.Id, nil))
	must(client.MessageAttempt.ListAttemptedDestinations(ctx, app.Id, message.Id, nil))
	must(client.MessageAttempt.Resend(ctx, app.Id, message.Id, endpoint.Id, nil))
	done(client.MessageAttempt.ExpungeContent(ctx, app.Id, message.Id, attempt.Id))
	done(client.Message.ExpungeContent(ctx, app.Id, message.Id))
	since := time.Now().Add(-time.Hour)
	for _, start := range []func() string{
		func() string { return must(client.Endpoint.Recover(ctx, app.Id, uid, models.RecoverIn{Since: since}, nil)).Id },
		func() string { return must(client.Endpoint.BulkReplay(ctx, app.Id, uid, models.BulkReplayIn{Since: since, EventTypes: []string{eventType}}, nil)).Id },
		func() string { return must(client.Endpoint.ReplayMissing(ctx, app.Id, uid, models.ReplayIn{Since: since}, nil)).Id },
		func() string { return must(client.Message.ExpungeAllContents(ctx, app.Id, nil)).Id },
	} {
		task := start()
		until(func() (bool, bool) {
			return true, must(client.BackgroundTask.Get(ctx, task)).Status == models.BACKGROUNDTASKSTATUS_FINISHED
		})
	}
	must(client.BackgroundTask.List(ctx, nil))

	operational := client.OperationalWebhookEndpoint
	hook := must(operational.Create(ctx, models.OperationalWebhookEndpointIn{Url: target}, nil)).Id
	must(operational.Update(ctx, hook, models.OperationalWebhookEndpointUpdate{Url: target}))
	must(operational.Get(ctx, hook))
	must(operational.List(ctx, nil))
	must(operational.GetSecret(ctx, hook))
	done(operational.RotateSecret(ctx, hook, models.OperationalWebhookEndpointSecretIn{}, nil))
	done(operational.UpdateHeaders(ctx, hook, models.OperationalWebhookEndpointHeadersIn{Headers: map[string]string{"x-a": "1"}}))
	must(operational.GetHeaders(ctx, hook))
	done(operational.Delete(ctx, hook))

	access := must(client.Authentication.AppPortalAccess(ctx, app.Id, models.AppPortalAccessIn{}, nil))
	theirs := must(svix.New(access.Token, &svix.SvixOptions{ServerUrl: server}))
	must(theirs.Application.Get(ctx, app.Id))
	_, err = theirs.Application.List(ctx, nil)
	refused(err, 403)
	done(theirs.Authentication.Logout(ctx, nil))
	_, err = theirs.Application.Get(ctx, app.Id)
	refused(err, 401)
	must(client.Authentication.DashboardAccess(ctx, app.Id, nil))
	done(client.Authentication.ExpireAll(ctx, app.Id, models.ApplicationTokenExpireIn{}, nil))
	done(client.Endpoint.Delete(ctx, app.Id, uid))
	done(client.Application.Delete(ctx, app.Id))
	fmt.Printf("%d calls\n", called.Load())
}
