package aws

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"weir/internal/fault"
)

// operation wraps an error as the library does.
func operation(err error) error {
	return &smithy.OperationError{ServiceID: "SQS", OperationName: "ReceiveMessage", Err: err}
}

func answered(code int) error {
	return operation(&awshttp.ResponseError{ResponseError: &smithyhttp.ResponseError{Response: &smithyhttp.Response{Response: &http.Response{StatusCode: code}}, Err: errors.New("no body")}})
}

func TestExplain(t *testing.T) {
	s, _, _ := newSource(newServices())
	refused := operation(&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED})
	none := operation(errors.New("get identity: get credentials: failed to refresh cached credentials, no EC2 IMDS role found"))
	for _, tc := range []struct {
		name          string
		err           error
		queue, object string // codes
		says          string // in the fault of the queue
	}{
		{"no such queue", apiError("AWS.SimpleQueueService.NonExistentQueue"), "aws-queue", "aws-failed", "no such queue in eu-west-1"},
		{"no such queue, by its new name", apiError("QueueDoesNotExist"), "aws-queue", "aws-failed", "no such queue"},
		{"a wrong key", apiError("InvalidClientTokenId"), "aws-credentials", "aws-credentials", "does not know these credentials"},
		{"a wrong secret", apiError("SignatureDoesNotMatch"), "aws-credentials", "aws-credentials", "SignatureDoesNotMatch: said"},
		{"an expired token", apiError("ExpiredToken"), "aws-credentials", "aws-credentials", "ExpiredToken"},
		{"no credentials", none, "aws-credentials", "aws-credentials", "no AWS credentials are found"},
		{"not allowed", apiError("AccessDenied"), "aws-access", "aws-access", "may not do this"},
		{"another region", apiError("PermanentRedirect"), "aws-region", "aws-region", "it is not in eu-west-1"},
		{"too often", apiError("SlowDown"), "aws-slow", "aws-slow", "less often"},
		{"too often, without a word", answered(http.StatusServiceUnavailable), "aws-slow", "aws-slow", "less often"},
		{"nobody answers", refused, "aws-unreachable", "aws-unreachable", "connection refused"},
		{"no name", operation(&net.DNSError{Err: "no such host", Name: "x"}), "aws-unreachable", "aws-unreachable", "no such host"},
		{"too late", operation(context.DeadlineExceeded), "aws-unreachable", "aws-unreachable", "AWS does not answer"},
		{"no such object", apiError("NoSuchKey"), "aws-failed", "aws-object", ""},
		{"no such bucket", apiError("NoSuchBucket"), "aws-failed", "aws-object", ""},
		{"in the archive", apiError("InvalidObjectState"), "aws-failed", "aws-object", ""},
		{"something else", apiError("InternalError"), "aws-failed", "aws-failed", "could not do what it was asked"},
		{"something else, without a code", operation(errors.New("odd")), "aws-failed", "aws-failed", "odd"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			q, o := s.explainQueue(tc.err), s.explainObject(object{bucket: "b", key: "k"}, tc.err)
			if q.Code != tc.queue || o.Code != tc.object {
				t.Errorf("codes %s and %s", q.Code, o.Code)
			}
			if !strings.Contains(q.Error(), tc.says) {
				t.Errorf("%s", q.Error())
			}
			for _, f := range []*fault.Error{q, o} {
				if f.What == "" || f.Where == "" || f.Do == "" || !errors.Is(f, tc.err) {
					t.Errorf("%+v is not all there", f)
				}
			}
		})
	}
}
