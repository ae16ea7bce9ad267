package aws

import (
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"

	"weir/internal/fault"
)

// Codes of services, by what a person would have to do about them.
var (
	credentialCodes = []string{"InvalidClientTokenId", "InvalidAccessKeyId", "SignatureDoesNotMatch", "UnrecognizedClientException", "ExpiredToken", "ExpiredTokenException",
		"AuthFailure", "IncompleteSignature", "MissingAuthenticationToken", "InvalidToken", "TokenRefreshRequired", "InvalidSecurity"}
	accessCodes  = []string{"AccessDenied", "AccessDeniedException", "KmsAccessDenied", "KMS.AccessDeniedException", "AllAccessDisabled"}
	queueCodes   = []string{"AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist", "InvalidAddress", "AWS.SimpleQueueService.QueueDeletedRecently"}
	regionCodes  = []string{"PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException", "MovedPermanently"}
	slowCodes    = []string{"RequestThrottled", "Throttling", "ThrottlingException", "SlowDown", "TooManyRequestsException", "RequestLimitExceeded", "KmsThrottled", "OverLimit", "ServiceUnavailable"}
	objectCodes  = []string{"NoSuchKey", "NotFound", "NoSuchVersion", "NoSuchBucket", "MethodNotAllowed"}
	archiveCodes = []string{"InvalidObjectState"}
)

// explainQueue says what is wrong with the queue.
func (s *Source) explainQueue(err error) *fault.Error {
	f := s.explain(err, s.cfg.Queue)
	if code := apiCode(err); slices.Contains(queueCodes, code) {
		f.Code, f.What, f.Do = "aws-queue", "there is no such queue in "+s.region, "correct "+s.path+".queue and .region: aws sqs list-queues --region "+s.region
	} else if f.Code == "aws-access" {
		f.Do = "allow sqs:ReceiveMessage, sqs:DeleteMessage and sqs:ChangeMessageVisibility on the queue"
	}
	return f
}

// explainObject says what is wrong with an object.
func (s *Source) explainObject(o object, err error) *fault.Error {
	f := s.explain(err, o.bucket+"/"+o.key)
	switch code := apiCode(err); {
	case slices.Contains(objectCodes, code):
		f.Code, f.What, f.Do = "aws-object", "the object is not there", "if it was deleted on purpose, delete its message; a dead-letter queue takes such messages by itself"
	case slices.Contains(archiveCodes, code):
		f.Code, f.What, f.Do = "aws-object", "the object lies in a storage class from which it must be restored first", "aws s3api restore-object"
	case f.Code == "aws-access":
		// Who denied it decides what has to be allowed, and a bucket's region may be another.
		f.Where, f.Do = o.bucket, "allow s3:GetObject on arn:aws:s3:::"+o.bucket+"/*, and kms:Decrypt if the trail encrypts"
	case f.Code == "aws-credentials", f.Code == "aws-unreachable", f.Code == "aws-slow":
		f.Where = o.bucket // the same for all of its objects
	}
	return f
}

// explain finds the fault that an error of either service is.
func (s *Source) explain(err error, where string) *fault.Error {
	f := &fault.Error{Code: "aws-failed", What: "AWS could not do what it was asked for", Where: where, Why: reason(err), Do: "it is tried again; the AWS health page says whether a service has trouble", Warn: true, Cause: err}
	code := apiCode(err)
	switch {
	case slices.Contains(credentialCodes, code):
		f.Code, f.What, f.Do = "aws-credentials", "AWS does not know these credentials", "aws sts get-caller-identity"
	case slices.Contains(accessCodes, code):
		f.Code, f.What = "aws-access", "these credentials may not do this"
	case slices.Contains(regionCodes, code):
		f.Code, f.What, f.Do = "aws-region", "it is not in "+s.region, "set "+s.path+".region to the right one"
	case slices.Contains(slowCodes, code), status(err) == http.StatusTooManyRequests, status(err) == http.StatusServiceUnavailable:
		f.Code, f.What, f.Do = "aws-slow", "AWS asks to be asked less often", "nothing: it is asked again later; "+s.path+".workers says how many objects are read at once"
	case code != "":
	case isCredentialError(err):
		f.Code, f.What, f.Do = "aws-credentials", "no AWS credentials are found", "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or give the machine a role: aws sts get-caller-identity"
	case isNetError(err):
		f.Code, f.What, f.Do = "aws-unreachable", "AWS does not answer", "look at the network, at the proxy, and at "+s.path+".endpoint"
	}
	return f
}

// apiCode is the code that a service answered with, "" where none answered.
func apiCode(err error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return api.ErrorCode()
	}
	return ""
}

// status is that of the answer, 0 where there was none.
func status(err error) int {
	if r, ok := errors.AsType[*awshttp.ResponseError](err); ok {
		return r.HTTPStatusCode()
	}
	return 0
}

// isCredentialError tells whether no credentials were found: the request was never signed, so nobody answered it.
func isCredentialError(err error) bool {
	op, ok := errors.AsType[*smithy.OperationError](err)
	return ok && status(err) == 0 && containsAny(op.Err.Error(), "get credentials", "refresh cached credentials", "get identity", "static credentials are empty")
}

func containsAny(s string, parts ...string) bool {
	return slices.ContainsFunc(parts, func(p string) bool { return strings.Contains(s, p) })
}

// isNetError tells whether the network is at fault.
func isNetError(err error) bool {
	if _, ok := errors.AsType[net.Error](err); ok {
		return true
	}
	return errors.Is(err, context.DeadlineExceeded)
}

// reason is what the service or the system said, without the chain of the library.
func reason(err error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		if api.ErrorMessage() == "" {
			return api.ErrorCode()
		}
		return api.ErrorCode() + ": " + api.ErrorMessage()
	}
	return fault.Innermost(err)
}
