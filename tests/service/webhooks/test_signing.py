"""Signatures are those of the Standard Webhooks specification."""

import base64

from service.webhooks.signing import new_secret, sign, signed_headers

# The reference vector of the specification's own libraries.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MESSAGE, TIMESTAMP, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, '{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_reference_vector_is_signed_as_published():
    assert sign(SECRET, MESSAGE, TIMESTAMP, BODY) == SIGNATURE


def test_while_a_secret_is_replaced_there_is_a_signature_of_each():
    other = new_secret()
    headers = signed_headers([other, SECRET], MESSAGE, TIMESTAMP, BODY)
    assert headers["webhook-id"] == MESSAGE
    assert headers["webhook-timestamp"] == "1614265330"
    assert headers["webhook-signature"].split(" ") == [sign(other, MESSAGE, TIMESTAMP, BODY), SIGNATURE]


def test_a_secret_is_of_the_length_that_the_specification_asks_for():
    secrets = {new_secret() for _ in range(100)}
    assert len(secrets) == 100
    for secret in secrets:
        assert secret.startswith("whsec_")
        assert 24 <= len(base64.b64decode(secret.removeprefix("whsec_"), validate=True)) <= 64
