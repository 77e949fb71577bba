#!/bin/sh
echo @version@ "$(jq -n 6*7)"
