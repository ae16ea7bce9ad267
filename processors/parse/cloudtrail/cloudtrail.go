// Package cloudtrail reads the records of AWS CloudTrail into ECS, under the names that Elastic's integration uses: rules
// and dashboards made for one fit the other. One message is one record.
package cloudtrail

import (
	"strings"
	"time"

	"weir/event"
	"weir/processors"
	"weir/processors/parse/internal/ends"
)

// ReasonRecord is the reason of the dead letter of what is no record at all.
const ReasonRecord = "cloudtrail-record"

// Parse fills e from one record. What is no JSON object is a *processors.DeadLetter.
func Parse(e *event.Event, msg string) error {
	v, err := event.ParseValue([]byte(msg))
	if err != nil {
		return &processors.DeadLetter{Reason: ReasonRecord, Detail: "a member of the list of records is no JSON: " + err.Error()}
	}
	if v.Kind() != event.Object {
		return &processors.DeadLetter{Reason: ReasonRecord, Detail: "a member of the list of records is no object"}
	}
	r := reader{e: e, v: v}
	for i := range v.Len() {
		key, val := v.Member(i)
		r.member(key, val)
	}
	r.action()
	r.outcome()
	// Last, so that no member of the record can say otherwise.
	e.Set(event.CloudProvider, event.Str("aws"))
	return nil
}

// reader fills one event from one record.
type reader struct {
	e *event.Event
	v event.Value // the record
}

// texts are the members that become one field as they are.
var texts = map[string]event.Field{
	"eventVersion": event.AwsCloudtrailEventVersion, "eventName": event.EventAction, "eventSource": event.EventProvider, "awsRegion": event.CloudRegion,
	"errorCode": event.AwsCloudtrailErrorCode, "errorMessage": event.AwsCloudtrailErrorMessage, "requestID": event.AwsCloudtrailRequestID,
	"eventID": event.AwsCloudtrailEventID, "eventType": event.AwsCloudtrailEventType, "apiVersion": event.AwsCloudtrailApiVersion,
	"recipientAccountId": event.AwsCloudtrailRecipientAccountID, "sharedEventID": event.AwsCloudtrailSharedEventID,
	"vpcEndpointId": event.AwsCloudtrailVpcEndpointID, "eventCategory": event.AwsCloudtrailEventCategory,
	"readOnly": event.AwsCloudtrailReadOnly, "managementEvent": event.AwsCloudtrailManagementEvent,
}

// tree is a member of any form: it is kept twice, for searches by key and for searches by word. Rules that were written for
// Elastic's integration use both.
type tree struct{ flat, text event.Field }

var trees = map[string]tree{
	"requestParameters":   {event.AwsCloudtrailFlattenedRequestParameters, event.AwsCloudtrailRequestParameters},
	"responseElements":    {event.AwsCloudtrailFlattenedResponseElements, event.AwsCloudtrailResponseElements},
	"additionalEventData": {event.AwsCloudtrailFlattenedAdditionalEventdata, event.AwsCloudtrailAdditionalEventdata},
	"serviceEventDetails": {event.AwsCloudtrailFlattenedServiceEventDetails, event.AwsCloudtrailServiceEventDetails},
}

// member sets what one member of the record says. What CloudTrail adds some day is kept below weir.data, as
// event.original alone cannot be searched by key.
func (r *reader) member(key string, v event.Value) {
	if empty(v) {
		return
	}
	if f, ok := texts[key]; ok {
		r.e.Set(f, v)
		return
	}
	if t, ok := trees[key]; ok {
		if v.Kind() == event.Object {
			r.e.Set(t.flat, v)
			r.e.SetStr(t.text, string(appendPlain(nil, v, 0)))
		} else {
			r.e.SetStr(t.text, v.Text())
		}
		return
	}
	switch key {
	case "eventTime":
		if t, err := time.Parse(time.RFC3339, v.Str()); err == nil {
			r.e.Set(event.Timestamp, event.At(t))
		}
	case "sourceIPAddress":
		r.e.SetStr(event.SourceAddress, v.Str()) // or the name of a service
		ends.IP(r.e, event.SourceIP, v.Str())
	case "userAgent":
		userAgent(r.e, v.Str())
	case "userIdentity":
		r.identity(v)
	case "tlsDetails":
		r.tls(v)
	case "resources":
		r.resources(v)
	case "insightDetails":
		r.e.Set(event.AwsCloudtrailFlattenedInsightDetails, v)
	// Type conflicts cannot come from here: weir.data is one flattened field.
	default:
		r.e.SetMember(event.WeirData, key, v)
	}
}

// empty tells whether a value says nothing. Services write null, "" and {} for one and the same thing, and a field that is
// there and empty would be found by a search for its presence.
func empty(v event.Value) bool {
	switch v.Kind() {
	case event.Null, event.Absent:
		return true
	case event.String:
		return v.Str() == ""
	case event.Object, event.List:
		return v.Len() == 0
	}
	return false
}

// str sets a field to a text, if there is one.
func (r *reader) str(f event.Field, v event.Value) {
	if !empty(v) {
		r.e.Set(f, event.Str(v.Text()))
	}
}

// identity sets who made the request. Who has taken a role is named by the role: its session has the name that its user
// gave it.
func (r *reader) identity(v event.Value) {
	r.str(event.AwsCloudtrailUserIdentityType, v.Get("type"))
	r.str(event.AwsCloudtrailUserIdentityArn, v.Get("arn"))
	r.str(event.AwsCloudtrailUserIdentityAccessKeyID, v.Get("accessKeyId"))
	r.str(event.AwsCloudtrailUserIdentityInvokedBy, v.Get("invokedBy"))
	r.str(event.UserID, v.Get("principalId"))
	r.str(event.CloudAccountID, v.Get("accountId"))
	session := v.Get("sessionContext")
	issuer := session.Get("sessionIssuer")
	r.str(event.AwsCloudtrailUserIdentitySessionContextSessionIssuerType, issuer.Get("type"))
	r.str(event.AwsCloudtrailUserIdentitySessionContextSessionIssuerArn, issuer.Get("arn"))
	r.str(event.AwsCloudtrailUserIdentitySessionContextSessionIssuerPrincipalID, issuer.Get("principalId"))
	r.str(event.AwsCloudtrailUserIdentitySessionContextSessionIssuerAccountID, issuer.Get("accountId"))
	attributes := session.Get("attributes")
	r.str(event.AwsCloudtrailUserIdentitySessionContextMfaAuthenticated, attributes.Get("mfaAuthenticated"))
	if t, err := time.Parse(time.RFC3339, attributes.Get("creationDate").Str()); err == nil {
		r.e.Set(event.AwsCloudtrailUserIdentitySessionContextCreationDate, event.At(t))
	}
	for _, name := range []event.Value{v.Get("userName"), issuer.Get("userName")} {
		if !empty(name) {
			r.str(event.UserName, name)
			return
		}
	}
	if v.Get("type").Str() == "Root" {
		r.e.SetStr(event.UserName, "root")
	}
}

// tls sets how the request was encrypted: TLSv1.2.
func (r *reader) tls(v event.Value) {
	r.str(event.TLSCipher, v.Get("cipherSuite"))
	r.str(event.TLSClientServerName, v.Get("clientProvidedHostHeader"))
	if version, ok := strings.CutPrefix(v.Get("tlsVersion").Str(), "TLSv"); ok {
		r.e.SetStr(event.TLSVersion, version)
		r.e.SetStr(event.TLSVersionProtocol, "tls")
	}
}

// resources sets what was used. The lists run side by side: ECS has no list of objects that could be searched.
func (r *reader) resources(v event.Value) {
	for i := range v.Len() {
		one := v.Item(i)
		for _, m := range []struct {
			key   string
			field event.Field
		}{{"ARN", event.AwsCloudtrailResourcesArn}, {"accountId", event.AwsCloudtrailResourcesAccountID}, {"type", event.AwsCloudtrailResourcesType}} {
			if s := one.Get(m.key); !empty(s) {
				r.e.Append(m.field, s.Text())
			}
		}
	}
}

// outcome tells a refused request, or a sign-in that failed, from others. A failed sign-in is no refused request: the call was
// answered, and the answer says no.
func (r *reader) outcome() {
	answer := r.v.Get("responseElements")
	failed := !empty(r.v.Get("errorCode")) || !empty(r.v.Get("errorMessage"))
	for _, key := range []string{"ConsoleLogin", "CheckMfa", "SwitchRole"} {
		failed = failed || answer.Get(key).Str() == "Failure"
	}
	if failed {
		r.e.SetStr(event.EventOutcome, "failure")
		return
	}
	r.e.SetStr(event.EventOutcome, "success")
}

// maxPlain bounds the text of a tree; the tree itself is kept whole.
const maxPlain = 32 << 10

// appendPlain writes a tree as {key=value, list=[a, b]}, which is what rules look for words in. What is empty is left out.
func appendPlain(dst []byte, v event.Value, depth int) []byte {
	if depth > 16 || len(dst) > maxPlain {
		return dst
	}
	switch v.Kind() {
	case event.Object:
		dst = append(dst, '{')
		first := true
		for i := range v.Len() {
			key, val := v.Member(i)
			if empty(val) {
				continue
			}
			if !first {
				dst = append(dst, ", "...)
			}
			first = false
			dst = appendPlain(append(append(dst, key...), '='), val, depth+1)
		}
		return append(dst, '}')
	case event.List:
		dst = append(dst, '[')
		for i := range v.Len() {
			if i > 0 {
				dst = append(dst, ", "...)
			}
			dst = appendPlain(dst, v.Item(i), depth+1)
		}
		return append(dst, ']')
	}
	return v.AppendText(dst)
}
