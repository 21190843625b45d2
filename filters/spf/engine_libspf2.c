/* engine_libspf2: libspf2 1.2 behind the gate of spf_gate.h. See spf_eval.h.
 *
 * The library's handle is made once per process; each run has a fresh request, as requests remember things. Its result is
 * believed only if the gate has not ended the evaluation. Loopback clients, which it passes unseen, are answered none. */
#include "filters/spf/spf_gate.h"

#include <netinet/in.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

/* The library's own headers do not compile under our warnings. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wundef"
#pragma GCC diagnostic ignored "-Wstrict-prototypes"
#include <spf2/spf.h>
#include <spf2/spf_dns.h>
#include <spf2/spf_dns_rr.h>
#pragma GCC diagnostic pop

/* What the library's callbacks work on: one thread, no recursion. */
static SPF_server_t *server;
static struct spf_gate *current;
static jmp_buf escape;

/* The library would abort() after an error: leave it, at the price of what it had allocated. */
static void __attribute__((noreturn)) on_error(const char *file, int line, const char *text)
{
    longjmp(escape, 1);
}

static void on_message(const char *file, int line, const char *text)
{
}

static SPF_dns_stat_t herrno_of(enum gate_status status)
{
    if (status == GATE_FOUND)
        return NETDB_SUCCESS;
    return status == GATE_LATER ? TRY_AGAIN : HOST_NOT_FOUND;
}

static bool put_text(SPF_dns_rr_t *rr, const char *text)
{
    if (SPF_dns_rr_buf_realloc(rr, rr->num_rr, strlen(text) + 1) != SPF_E_SUCCESS)
        return false;
    strcpy(rr->rr[rr->num_rr++]->txt, text);
    return true;
}

static bool put_address(SPF_dns_rr_t *rr, struct slice address)
{
    if (address.len != (rr->rr_type == ns_t_a ? 4u : 16u))
        return true;
    if (SPF_dns_rr_buf_realloc(rr, rr->num_rr, sizeof(SPF_dns_rr_data_t)) != SPF_E_SUCCESS)
        return false;
    memcpy(rr->rr[rr->num_rr++], address.ptr, address.len);
    return true;
}

static SPF_dns_rr_t *lookup(SPF_dns_server_t *dns, const char *name, ns_type type, int should_cache)
{
    struct gate_answer answer = {.status = GATE_NOTHING};
    if ((int)type != DNS_TYPE_SPF)
        answer = spf_gate_lookup(current, name, (enum dns_type)type);
    SPF_dns_rr_t *rr = SPF_dns_rr_new_init(dns, name, type, 0, herrno_of(answer.status));
    bool ok = rr != NULL;
    for (size_t i = 0; ok && i < answer.count; i++)
        ok = answer.texts ? put_text(rr, answer.texts[i]) : put_address(rr, answer.addresses[i].data);
    return ok ? rr : NULL;
}

static bool make_server(void)
{
    static SPF_dns_server_t resolver = {.lookup = lookup, .name = "gate"};
    SPF_response_t *response = NULL;
    SPF_error_handler = on_error;
    SPF_warning_handler = on_message;
    SPF_info_handler = on_message;
    SPF_debug_handler = on_message;
    server = SPF_server_new_dns(&resolver, 0);
    if (!server)
        return false;
    SPF_server_set_max_dns_mech(server, 1000);                /* the gate counts, for the evaluation as a whole */
    SPF_server_set_explanation(server, "refused", &response); /* the default text has macros in it */
    if (response)
        SPF_response_free(response);
    return true;
}

static SPF_request_t *make_request(const struct net_addr *client)
{
    SPF_request_t *request = SPF_request_new(server);
    struct in_addr four;
    struct in6_addr six;
    memcpy(&four, client->bytes, sizeof four);
    memcpy(&six, client->bytes, sizeof six);
    if (client->family == AF_INET6)
        SPF_request_set_ipv6(request, six);
    else
        SPF_request_set_ipv4(request, four);
    SPF_request_set_helo_dom(request, "helo.invalid");
    SPF_request_set_env_from(request, "sender@#0"); /* the current domain: entry 0 of the gate */
    return request;
}

static void read_result(SPF_response_t *response, SPF_errcode_t code, struct spf_verdict *verdict)
{
    static const enum spf_result results[] = {
        [SPF_RESULT_INVALID] = SPF_IS_PERMERROR,   [SPF_RESULT_NEUTRAL] = SPF_IS_NEUTRAL,     [SPF_RESULT_PASS] = SPF_IS_PASS,
        [SPF_RESULT_FAIL] = SPF_IS_FAIL,           [SPF_RESULT_SOFTFAIL] = SPF_IS_SOFTFAIL,   [SPF_RESULT_NONE] = SPF_IS_PERMERROR,
        [SPF_RESULT_TEMPERROR] = SPF_IS_TEMPERROR, [SPF_RESULT_PERMERROR] = SPF_IS_PERMERROR,
    };
    enum spf_result result = SPF_IS_PERMERROR;
    if (code == SPF_E_SUCCESS && response)
        result = results[SPF_response_result(response)];
    *verdict = (struct spf_verdict){.result = result, .reason = result == SPF_IS_PERMERROR ? "record could not be evaluated" : ""};
}

static void run_library(const struct spf_query *query, struct spf_verdict *verdict)
{
    SPF_response_t *response = NULL;
    SPF_request_t *request = make_request(&query->client);
    SPF_errcode_t code = SPF_request_query_mailfrom(request, &response);
    read_result(response, code, verdict);
    if (response)
        SPF_response_free(response);
    SPF_request_free(request);
}

static bool is_loopback(const struct net_addr *client)
{
    static const uint8_t one[16] = {[15] = 1};
    return client->family == AF_INET6 ? memcmp(client->bytes, one, sizeof one) == 0 : client->bytes[0] == 127;
}

/* Nothing but globals lives across the jump. */
static bool run_safely(const struct spf_query *query, struct spf_verdict *verdict)
{
    if (setjmp(escape))
        return false;
    if (!server && !make_server())
        return false;
    run_library(query, verdict);
    return true;
}

static void evaluate(const struct spf_query *query, struct dns_view *view, struct arena *arena, struct spf_verdict *verdict)
{
    struct spf_gate gate;
    *verdict = (struct spf_verdict){.result = SPF_IS_NONE, .reason = ""};
    if (query->domain.len == 0 || query->client.family == 0)
        return;
    if (is_loopback(&query->client)) {
        verdict->reason = "loopback clients are not checked";
        return;
    }
    struct arena *scratch = arena_new(); /* the verdict's texts are static */
    spf_gate_init(&gate, query, view, scratch);
    current = &gate;
    if (!run_safely(query, verdict))
        *verdict = (struct spf_verdict){.result = SPF_IS_TEMPERROR, .reason = "the SPF library failed"};
    current = NULL;
    if (gate.ended)
        *verdict = gate.verdict;
    arena_free(&scratch);
}

const struct spf_engine spf_engine_libspf2 = {"libspf2", evaluate, false};
