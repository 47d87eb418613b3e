"""The ceiling: a Flask view that reads the body and answers, and does nothing else."""

from flask import Flask, Response, request

app = Flask(__name__, static_folder=None)


@app.post("/ussd")
def hop() -> Response:
    """The shortest POST."""
    request.get_data()
    return Response("CON Prices", mimetype="text/plain")
